pub struct Scores {
    values: Vec<u32>,
    log: Vec<String>,
}

impl Scores {
    pub fn of(values: &[u32]) -> Scores {
        Scores { values: values.to_vec(), log: Vec::new() }
    }

    pub fn double_first(&mut self) {
        let first = self.values[0];
        self.values.push(first * 2);
        self.log.push(format!("doubled {first}"));
    }

    pub fn raise_all(&mut self, by: u32) {
        for value in &mut self.values {
            *value += by;
            self.log.push(format!("now {value}"));
        }
    }

    pub fn drop_below(&mut self, limit: u32) {
        let kept: Vec<u32> = self.values.iter().copied().filter(|value| *value >= limit).collect();
        self.values = kept;
    }

    pub fn best(&self) -> u32 {
        self.values.iter().copied().max().unwrap_or(0)
    }

    pub fn into_log(self) -> Vec<String> {
        self.log
    }
}

pub fn summary(mut scores: Scores) -> (u32, usize) {
    scores.double_first();
    scores.raise_all(1);
    let best = scores.best();
    scores.drop_below(best);
    let log = scores.into_log();
    (best, log.len())
}

#[test]
fn sums_up() {
    assert_eq!(summary(Scores::of(&[4, 6])), (9, 4));
}
