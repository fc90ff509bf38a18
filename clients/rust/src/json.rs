//! JSON values: read, made from Rust's own, and written.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::{refused, Result};

const DEPTH_MAX: usize = 256;

/// A value that JSON holds. Integers stay exact as far as an `i128` reaches.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// Reads one JSON value. Halves of surrogate pairs become U+FFFD; of members with one name the last counts.
    pub fn parse(text: &str) -> Result<Value> {
        let mut reader = Reader { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        if reader.at < reader.text.len() {
            return reader.wrong("something follows the value");
        }
        Ok(value)
    }

    /// The member of that name, where this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.get(name),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_i128(&self) -> Option<i128> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list; empty for all else.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The value as JSON on one line. Fails for NaN and the infinities, which JSON does not have.
    pub fn to_json(&self) -> Result<String> {
        let mut text = String::new();
        self.write(&mut text, 0)?;
        Ok(text)
    }

    fn write(&self, text: &mut String, depth: usize) -> Result<()> {
        use fmt::Write;
        if depth > DEPTH_MAX {
            return refused("it is nested too deeply");
        }
        match self {
            Value::Null => text.push_str("null"),
            Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Value::Integer(number) => write!(text, "{number}").expect("a String takes all"),
            Value::Float(number) if !number.is_finite() => return refused(format!("{number} is no JSON number")),
            Value::Float(number) => write!(text, "{number:?}").expect("a String takes all"),
            Value::Text(value) => quote(value, text),
            Value::List(items) => {
                text.push('[');
                for (number, item) in items.iter().enumerate() {
                    text.push_str(if number > 0 { "," } else { "" });
                    item.write(text, depth + 1)?;
                }
                text.push(']');
            }
            Value::Object(members) => {
                text.push('{');
                for (number, (name, member)) in members.iter().enumerate() {
                    text.push_str(if number > 0 { "," } else { "" });
                    quote(name, text);
                    text.push(':');
                    member.write(text, depth + 1)?;
                }
                text.push('}');
            }
        }
        Ok(())
    }
}

/// An object from its members, such as `object([("name", "x".into()), ("count", 3.into())])`.
pub fn object<N: Into<String>>(members: impl IntoIterator<Item = (N, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn quote(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", control as u32)),
            other => text.push(other),
        }
    }
    text.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong<T>(&self, what: &str) -> Result<T> {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        refused(format!("{what} at line {line}, column {column}"))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        self.blanks();
        match self.peek() {
            _ if depth > DEPTH_MAX => self.wrong("it is nested too deeply"),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.members(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("null") => Ok(Value::Null),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ => self.wrong("there is no JSON value"),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.take("]") {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take("]") {
                return Ok(Value::List(items));
            }
            if !self.take(",") {
                return self.wrong("a `,` or `]` is missing");
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<Value> {
        let mut members = BTreeMap::new();
        self.at += 1;
        self.blanks();
        if self.take("}") {
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return self.wrong("a member's name is missing");
            }
            let name = self.string()?;
            self.blanks();
            if !self.take(":") {
                return self.wrong("a `:` is missing");
            }
            members.insert(name, self.value(depth + 1)?);
            self.blanks();
            if self.take("}") {
                return Ok(Value::Object(members));
            }
            if !self.take(",") {
                return self.wrong("a `,` or `}` is missing");
            }
        }
    }

    fn number(&mut self) -> Result<Value> {
        let start = self.at;
        self.take("-");
        if !self.take("0") && self.digits() == 0 {
            return self.wrong("a digit is missing");
        }
        let mut is_float = false;
        if self.take(".") {
            is_float = true;
            if self.digits() == 0 {
                return self.wrong("a digit is missing");
            }
        }
        if self.take("e") || self.take("E") {
            is_float = true;
            let _ = self.take("+") || self.take("-");
            if self.digits() == 0 {
                return self.wrong("a digit is missing");
            }
        }
        let text = &self.text[start..self.at];
        if !is_float {
            if let Ok(number) = text.parse() {
                return Ok(Value::Integer(number));
            }
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => self.wrong("a number is too large"),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String> {
        let mut found = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            found.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(found);
                }
                Some(b'\\') => found.push(self.escape()?),
                _ => return self.wrong("a text is not closed on its line"),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        self.at += 1;
        let kind = self.peek();
        let plain = match kind {
            Some(b'"' | b'\\' | b'/') => kind.map(char::from),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => None,
            _ => return self.wrong("an escape is unknown"),
        };
        self.at += 1;
        if let Some(character) = plain {
            return Ok(character);
        }
        let high = self.unit()?;
        let before = self.at;
        if (0xd800..0xdc00).contains(&high) && self.take("\\u") {
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.at = before;
        }
        Ok(char::from_u32(high).unwrap_or('\u{fffd}'))
    }

    fn unit(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or("");
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return self.wrong("an escape has no four digits");
        }
        self.at += 4;
        Ok(u32::from_str_radix(digits, 16).unwrap_or(0xfffd))
    }
}

macro_rules! from_integers {
    ($($kind:ty)*) => { $(impl From<$kind> for Value {
        fn from(value: $kind) -> Value { Value::Integer(value as i128) }
    })* };
}
from_integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize);

impl From<f32> for Value {
    fn from(value: f32) -> Value {
        Value::Float(f64::from(value))
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.into())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(value)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(value: Vec<T>) -> Value {
        Value::List(value.into_iter().map(Into::into).collect())
    }
}
impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(value: [T; N]) -> Value {
        Value::List(value.into_iter().map(Into::into).collect())
    }
}
impl<T: Into<Value>> From<BTreeMap<String, T>> for Value {
    fn from(value: BTreeMap<String, T>) -> Value {
        object(value.into_iter().map(|(name, member)| (name, member.into())))
    }
}
impl<T: Into<Value>> From<HashMap<String, T>> for Value {
    fn from(value: HashMap<String, T>) -> Value {
        object(value.into_iter().map(|(name, member)| (name, member.into())))
    }
}
