pub struct Pipeline<T> {
    stages: Vec<Box<dyn Fn(T) -> T>>,
}

impl<T: 'static> Pipeline<T> {
    pub fn new() -> Self {
        Pipeline { stages: vec![] }
    }

    pub fn stage<F>(mut self, stage: F) -> Self
    where
        F: Fn(T) -> T + 'static,
    {
        self.stages.push(Box::new(stage));
        self
    }

    pub fn run(&self, input: T) -> T {
        self.stages.iter().fold(input, |value, stage| stage(value))
    }
}

pub fn make_adder(amount: i32) -> impl Fn(i32) -> i32 {
    move |value| value + amount
}

pub fn apply_twice<F: Fn(i32) -> i32>(f: F, value: i32) -> i32 {
    f(f(value))
}

pub fn counter() -> impl FnMut() -> u32 {
    let mut count = 0;
    move || {
        count += 1;
        count
    }
}

#[test]
fn runs_all_stages() {
    let pipeline = Pipeline::new().stage(|x: i32| x + 1).stage(|x| x * 10);
    assert_eq!(pipeline.run(4), 50);
    assert_eq!(apply_twice(make_adder(5), 1), 11);
}

#[test]
fn counts() {
    let mut next = counter();
    next();
    assert_eq!(next(), 2);
}
