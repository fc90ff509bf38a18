//! Judges a summary by what the lab already believes.
mod tars_client;

use tars_client::{object, Agent, Belief, Error, Reflection, Result, Value};

struct Judge;

/// What the judge believes of the lab's thermometer.
struct Trust {
    confidence: f64,
}

impl Belief for Trust {
    fn id(&self) -> String {
        "trustworthy".into()
    }
    fn statement(&self) -> String {
        "the readings can be trusted".into()
    }
    fn confidence(&self) -> f64 {
        self.confidence
    }
    fn derived_from(&self) -> Vec<String> {
        vec!["lab.calibrated".into()]
    }
}

impl Reflection for Trust {
    fn summary(&self) -> String {
        format!("trust follows from what was known: {:.2}", self.confidence)
    }
}

impl Agent for Judge {
    fn run(&mut self, summary: Value) -> Result<Value> {
        let spread = summary.get("spread").and_then(Value::as_f64).ok_or(Error("the summary has no spread".into()))?;
        let known = tars_client::memory()?;
        let beliefs = known.items().iter().flat_map(|graph| graph.get("blocks").map(Value::items).unwrap_or_default());
        let highest = beliefs.filter_map(|belief| belief.get("confidence")?.as_f64()).fold(0.1, f64::max);
        let trust = Trust { confidence: if spread < 5.0 { highest } else { highest / 2.0 } };
        tars_client::belief(&trust)?;
        tars_client::reflection(&trust)?;
        tars_client::metric("trust", trust.confidence)?;
        Ok(object([("trusted", (trust.confidence > 0.5).into()), ("confidence", trust.confidence.into())]))
    }
}

fn main() {
    tars_client::start(Judge);
}
