//! Starts a function of an agent's crate: bytes or text in, bytes or text out.

use std::fmt::{Debug, Display};
use std::io::{Read, Write};

/// What a function may take: made of the bytes of `TARS_INPUT`, else of stdin.
#[allow(dead_code)]
trait Taken<'a>: Sized {
    fn taken(data: &'a Vec<u8>) -> Self;
}
impl<'a> Taken<'a> for &'a [u8] {
    fn taken(data: &'a Vec<u8>) -> Self {
        data
    }
}
impl<'a> Taken<'a> for Vec<u8> {
    fn taken(data: &'a Vec<u8>) -> Self {
        data.clone()
    }
}
impl<'a> Taken<'a> for &'a str {
    fn taken(data: &'a Vec<u8>) -> Self {
        match std::str::from_utf8(data) {
            Ok(text) => text,
            Err(error) => stop(&format!("the input is not UTF-8 text: {error}")),
        }
    }
}
impl<'a> Taken<'a> for String {
    fn taken(data: &'a Vec<u8>) -> Self {
        <&str>::taken(data).to_owned()
    }
}

/// What a function may return; `None` writes nothing.
trait Given {
    fn given(self) -> Option<Vec<u8>>;
}
impl Given for () {
    fn given(self) -> Option<Vec<u8>> {
        None
    }
}
impl Given for Vec<u8> {
    fn given(self) -> Option<Vec<u8>> {
        Some(self)
    }
}
impl Given for &[u8] {
    fn given(self) -> Option<Vec<u8>> {
        Some(self.to_vec())
    }
}
impl Given for &str {
    fn given(self) -> Option<Vec<u8>> {
        Some(self.as_bytes().to_vec())
    }
}
impl Given for String {
    fn given(self) -> Option<Vec<u8>> {
        Some(self.into_bytes())
    }
}
impl<T: Given> Given for Option<T> {
    fn given(self) -> Option<Vec<u8>> {
        self.and_then(Given::given)
    }
}
macro_rules! shown {
    ($($kind:ty)*) => {$(
        impl Given for $kind {
            fn given(self) -> Option<Vec<u8>> {
                Some(self.to_string().into_bytes())
            }
        }
    )*};
}
shown!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char);

/// An error as text: by `Display` where it has that, else by `Debug`.
#[allow(dead_code)]
struct Failure<E>(E);
#[allow(dead_code)]
trait ByDisplay {
    fn text(&self) -> String;
}
impl<E: Display> ByDisplay for Failure<E> {
    fn text(&self) -> String {
        self.0.to_string()
    }
}
#[allow(dead_code)]
trait ByDebug {
    fn text(&self) -> String;
}
impl<E: Debug> ByDebug for &Failure<E> {
    fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}

fn stop(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(1)
}

#[allow(dead_code)]
fn input() -> Vec<u8> {
    let mut data = Vec::new();
    let read = match std::env::var_os("TARS_INPUT").filter(|path| !path.is_empty()) {
        Some(path) => std::fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut data)),
        None => std::io::stdin().read_to_end(&mut data),
    };
    match read {
        Ok(_) => data,
        Err(error) => stop(&format!("the input cannot be read: {error}")),
    }
}

fn deliver(result: impl Given) {
    let Some(data) = result.given() else { return };
    let output = std::env::var_os("TARS_OUTPUT").map(std::path::PathBuf::from);
    let written = match output.filter(|path| !path.as_os_str().is_empty() && !path.exists()) {
        Some(path) => std::fs::write(&path, &data),
        None => std::io::stdout().write_all(&data),
    };
    if let Err(error) = written {
        stop(&format!("the result cannot be written: {error}"));
    }
}

fn main() {
    @CALL@
}
