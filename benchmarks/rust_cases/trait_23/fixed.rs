use std::fmt::{Debug, Display};

pub fn largest<T: PartialOrd + Copy>(values: &[T]) -> Option<T> {
    let mut values = values.iter();
    let mut best = *values.next()?;
    for &value in values {
        if value > best {
            best = value;
        }
    }
    Some(best)
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pair<A, B> {
    pub first: A,
    pub second: B,
}

impl<A, B> Pair<A, B> {
    pub fn new(first: A, second: B) -> Self {
        Pair { first, second }
    }

    pub fn swap(self) -> Pair<B, A> {
        Pair { first: self.second, second: self.first }
    }
}

impl<A: Display, B: Debug> Pair<A, B> {
    pub fn show(&self) -> String {
        format!("<{} | {:?}>", self.first, self.second)
    }
}

pub fn join<T>(values: &[T], separator: &str) -> String
where
    T: Display,
{
    values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(separator)
}

#[test]
fn finds_the_largest() {
    assert_eq!(largest(&[3, 9, 2]), Some(9));
    assert_eq!(largest(&[0.5, -1.0]), Some(0.5));
    assert_eq!(largest::<char>(&[]), None);
}

#[test]
fn pairs() {
    let pair = Pair::new(1, "one");
    assert_eq!(pair.show(), "<1 | \"one\">");
    assert_eq!(pair.clone().swap().first, "one");
    assert_eq!(pair.swap(), Pair::new("one", 1));
    assert_eq!(join(&[1, 2, 3], "-"), "1-2-3");
}
