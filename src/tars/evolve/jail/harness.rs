//! Hands JSON to a function of a candidate and its results back: what a candidate in Rust is linked with. It is compiled
//! once; `serve` reads one request from standard input and writes one line.
mod json;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::hash::Hash;
use std::io::{Read, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Mutex;
use std::time::Instant;

pub use json::{object, Value};

#[derive(Debug)]
pub struct Error(pub String);
pub type Result<T> = std::result::Result<T, Error>;

pub fn refused<T>(text: impl Into<String>) -> Result<T> {
    Err(Error(text.into()))
}

/// What a function may take, made from JSON.
pub trait Taken: Sized {
    fn taken(value: &Value) -> Result<Self>;
}

/// What a function may return, as JSON.
pub trait Given {
    fn given(self) -> Value;
}

/// The argument at that place.
pub fn argument<T: Taken>(arguments: &[Value], place: usize) -> Result<T> {
    match arguments.get(place) {
        Some(value) => T::taken(value).map_err(|error| Error(format!("argument {}: {}", place + 1, error.0))),
        None => refused(format!("argument {} is missing", place + 1)),
    }
}

/// The case itself for a function that takes one argument, the items of the case for one that takes several.
pub fn arguments(call: &[Value], count: usize) -> Result<&[Value]> {
    if count == 1 {
        return Ok(call);
    }
    match call.first() {
        Some(Value::List(items)) if items.len() == count => Ok(items),
        _ if count == 0 => Ok(&[]),
        _ => refused(format!("the function takes {count} arguments, and the case is no list of so many")),
    }
}

fn wrong<T>(wanted: &str, value: &Value) -> Result<T> {
    let shown: String = value.to_json().unwrap_or_default().chars().take(60).collect();
    refused(format!("{shown} is no {wanted}"))
}

macro_rules! numbers {
    ($($kind:ty)*) => { $(
        impl Taken for $kind {
            fn taken(value: &Value) -> Result<Self> {
                match value.as_i128().map(<$kind>::try_from) {
                    Some(Ok(number)) => Ok(number),
                    _ => wrong(stringify!($kind), value),
                }
            }
        }
        impl Given for $kind {
            fn given(self) -> Value { Value::Integer(self as i128) }
        }
    )* };
}
numbers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize);

macro_rules! floats {
    ($($kind:ty)*) => { $(
        impl Taken for $kind {
            fn taken(value: &Value) -> Result<Self> {
                value.as_f64().map_or_else(|| wrong("number", value), |number| Ok(number as $kind))
            }
        }
        impl Given for $kind {
            fn given(self) -> Value { Value::Float(self as f64) }
        }
    )* };
}
floats!(f32 f64);

impl Taken for bool {
    fn taken(value: &Value) -> Result<Self> {
        value.as_bool().map_or_else(|| wrong("truth value", value), Ok)
    }
}
impl Taken for String {
    fn taken(value: &Value) -> Result<Self> {
        value.as_text().map_or_else(|| wrong("text", value), |text| Ok(text.into()))
    }
}
impl Taken for () {
    fn taken(_: &Value) -> Result<Self> {
        Ok(())
    }
}
impl<T: Taken> Taken for Option<T> {
    fn taken(value: &Value) -> Result<Self> {
        if *value == Value::Null { Ok(None) } else { T::taken(value).map(Some) }
    }
}
impl<T: Taken> Taken for Vec<T> {
    fn taken(value: &Value) -> Result<Self> {
        match value {
            Value::List(items) => items.iter().map(T::taken).collect(),
            _ => wrong("list", value),
        }
    }
}
impl<T: Taken, const N: usize> Taken for [T; N] {
    fn taken(value: &Value) -> Result<Self> {
        Vec::taken(value)?.try_into().or_else(|_| wrong(&format!("list of {N}"), value))
    }
}
fn members<T: Taken, M: FromIterator<(String, T)>>(value: &Value) -> Result<M> {
    match value {
        Value::Object(members) => members.iter().map(|(name, one)| Ok((name.clone(), T::taken(one)?))).collect(),
        _ => wrong("object", value),
    }
}
impl<T: Taken> Taken for BTreeMap<String, T> {
    fn taken(value: &Value) -> Result<Self> {
        members(value)
    }
}
impl<T: Taken> Taken for HashMap<String, T> {
    fn taken(value: &Value) -> Result<Self> {
        members(value)
    }
}

impl Given for Value {
    fn given(self) -> Value {
        self
    }
}
impl Given for () {
    fn given(self) -> Value {
        Value::Null
    }
}
impl Given for bool {
    fn given(self) -> Value {
        Value::Bool(self)
    }
}
impl Given for String {
    fn given(self) -> Value {
        Value::Text(self)
    }
}
impl Given for &str {
    fn given(self) -> Value {
        Value::Text(self.into())
    }
}
impl<T: Given> Given for Option<T> {
    fn given(self) -> Value {
        self.map_or(Value::Null, Given::given)
    }
}
impl<T: Given> Given for Vec<T> {
    fn given(self) -> Value {
        Value::List(self.into_iter().map(Given::given).collect())
    }
}
impl<T: Given, const N: usize> Given for [T; N] {
    fn given(self) -> Value {
        Value::List(self.into_iter().map(Given::given).collect())
    }
}
impl<K: Display + Ord, T: Given> Given for BTreeMap<K, T> {
    fn given(self) -> Value {
        object(self.into_iter().map(|(name, one)| (name.to_string(), one.given())))
    }
}
impl<K: Display + Eq + Hash, T: Given> Given for HashMap<K, T> {
    fn given(self) -> Value {
        object(self.into_iter().map(|(name, one)| (name.to_string(), one.given())))
    }
}
impl<T: Given, E: Display> Given for std::result::Result<T, E> {
    fn given(self) -> Value {
        match self {
            Ok(value) => value.given(),
            Err(error) => panic!("{error}"),
        }
    }
}
macro_rules! tuples {
    ($($count:literal: $($name:ident $place:tt),+;)*) => { $(
        impl<$($name: Taken),+> Taken for ($($name,)+) {
            fn taken(value: &Value) -> Result<Self> {
                match value {
                    Value::List(items) if items.len() == $count => Ok(($($name::taken(&items[$place])?,)+)),
                    _ => wrong(concat!("list of ", $count), value),
                }
            }
        }
        impl<$($name: Given),+> Given for ($($name,)+) {
            fn given(self) -> Value { Value::List(vec![$(self.$place.given()),+]) }
        }
    )* };
}
tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}

static SAID: Mutex<String> = Mutex::new(String::new());

/// Answers the request on standard input: `id` and `calls`, a list of argument lists.
pub fn serve(call: &dyn Fn(&[Value]) -> Result<Value>) {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("a request");
    let request = Value::parse(&text).expect("a request in JSON");
    drop(text);
    std::panic::set_hook(Box::new(|info| {
        *SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = info.to_string();
    }));
    let calls: Vec<&[Value]> = request.get("calls").map_or(&[][..], Value::items).iter().map(Value::items).collect();
    let began = Instant::now();
    let answered = catch_unwind(AssertUnwindSafe(|| calls.into_iter().map(call).collect::<Result<Vec<Value>>>()));
    let seconds = Value::Float(began.elapsed().as_secs_f64());
    let found = match answered {
        Ok(Ok(answers)) => line(&request, seconds, [("answers", Value::List(answers)), ("fault", Value::Null)]),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error(SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone())),
    };
    let told = found.unwrap_or_else(|error| {
        let fault = [("fault", Value::Text("error".into())), ("text", Value::Text(error.0.chars().take(400).collect()))];
        line(&request, Value::Float(began.elapsed().as_secs_f64()), fault).expect("two texts are JSON")
    });
    std::io::stdout().write_all(format!("\n{told}\n").as_bytes()).expect("somebody reads");
}

fn line(request: &Value, seconds: Value, found: [(&str, Value); 2]) -> Result<String> {
    let id = request.get("id").cloned().unwrap_or_default();
    let members = [("id", id), ("seconds", seconds)].into_iter().chain(found);
    object(members.filter(|(_, value)| *value != Value::Null)).to_json()
}
