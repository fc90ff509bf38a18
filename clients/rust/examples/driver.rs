//! Makes the calls of one test vector, with CALLS and RESULTS naming files (see ../vectors).

use std::{env, fs};

use tars_client::{object, Belief, Reflection, Result, Value};

struct Said(Vec<Value>);

impl Said {
    fn text(&self, index: usize) -> String {
        self.0.get(index).and_then(Value::as_text).unwrap_or_default().into()
    }
    fn number(&self, index: usize) -> f64 {
        self.0.get(index).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }
    fn list(&self, index: usize, name: &str) -> Vec<String> {
        let found = self.0.get(index).and_then(|more| more.get(name)).map(Value::items).unwrap_or_default();
        found.iter().filter_map(Value::as_text).map(String::from).collect()
    }
}

impl Belief for Said {
    fn id(&self) -> String {
        self.text(0)
    }
    fn statement(&self) -> String {
        self.text(1)
    }
    fn confidence(&self) -> f64 {
        self.number(2)
    }
    fn evidence(&self) -> Vec<String> {
        self.list(3, "evidence")
    }
    fn supports(&self) -> Vec<String> {
        self.list(3, "supports")
    }
    fn contradicts(&self) -> Vec<String> {
        self.list(3, "contradicts")
    }
    fn refines(&self) -> Vec<String> {
        self.list(3, "refines")
    }
    fn derived_from(&self) -> Vec<String> {
        self.list(3, "derived_from")
    }
}

impl Reflection for Said {
    fn summary(&self) -> String {
        self.text(0)
    }
    fn confidence(&self) -> Option<f64> {
        self.0.get(1).and_then(|more| more.get("confidence")).and_then(Value::as_f64)
    }
    fn about(&self) -> Vec<String> {
        self.list(1, "about")
    }
}

fn argument(given: &Value) -> Value {
    if let Some(word) = given.get("$number").and_then(Value::as_text) {
        return word.replace("Infinity", "inf").parse::<f64>().unwrap_or(f64::NAN).into();
    }
    if let Some(repeat) = given.get("$repeat").map(Value::items) {
        let times = repeat[1].as_i128().unwrap_or_default() as usize;
        return repeat[0].as_text().unwrap_or_default().repeat(times).into();
    }
    match given {
        Value::List(items) => items.iter().map(argument).collect::<Vec<_>>().into(),
        Value::Object(members) => object(members.iter().map(|(name, each)| (name.as_str(), argument(each)))),
        plain => plain.clone(),
    }
}

fn call(name: &str, said: Said) -> Result<Value> {
    let index = said.0.get(1).and_then(Value::as_i128).unwrap_or_default() as usize;
    let paths =
        |found: Vec<std::path::PathBuf>| found.iter().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let nothing = |()| Value::Null;
    match name {
        "input" => tars_client::input().map(Value::from),
        "input_text" => tars_client::input_text().map(Value::from),
        "input_paths" => tars_client::input_paths().map(|found| paths(found).into()),
        "output" => tars_client::output_to(index, said.0[0].clone()).map(nothing),
        "output_text" => tars_client::output_text(index, &said.text(0)).map(nothing),
        "memory" => tars_client::memory(),
        "belief" => tars_client::belief(&said).map(nothing),
        "reflection" => match (Reflection::confidence(&said), said.about().is_empty()) {
            (None, true) => tars_client::reflection(said.summary().as_str()).map(nothing),
            (Some(confidence), true) => tars_client::reflection(&(said.summary(), confidence)).map(nothing),
            _ => tars_client::reflection(&said).map(nothing),
        },
        "metric" => tars_client::metric(&said.text(0), said.0[1].clone()).map(nothing),
        "progress" => tars_client::progress(said.number(0)).map(nothing),
        "log" => tars_client::log(&said.text(0)).map(nothing),
        other => panic!("there is no call {other}"),
    }
}

fn main() {
    let text = fs::read_to_string(env::var("CALLS").expect("CALLS is set")).expect("it is a file");
    let calls = Value::parse(&text).expect("it is JSON");
    let results = calls.items().iter().map(|each| {
        let given = each.get("args").map(argument).unwrap_or_default();
        let name = each.get("call").and_then(Value::as_text).unwrap_or_default();
        match call(name, Said(given.items().to_vec())) {
            Ok(value) => object([("value", value)]),
            Err(error) => object([("refused", error.to_string().into())]),
        }
    });
    let results = Value::from(results.collect::<Vec<_>>());
    fs::write(env::var("RESULTS").expect("RESULTS is set"), results.to_json().expect("results are JSON"))
        .expect("it is written");
}
