//! How an agent in Rust talks to TARS: its input, its output, what is known, and what it has to report.
//!
//! The standard library alone. `tarscli client rust` puts it into a project as the module `tars_client`. Everything works
//! outside of TARS too: the input is then the file that the first argument names, or standard input; the output goes to
//! standard output, logs to standard error, and reports to nobody.
//!
//! What is wrong with what you say is an `Error`. A report that cannot be delivered never fails the agent: it is told
//! once on standard error.
#![allow(dead_code)]

mod json;

use std::env;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub use self::json::{object, Value};

pub const VERSION: &str = "1.0.0";
const ID_MAX: usize = 200;

/// What is wrong, in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Error(pub String);
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "tars: {}", self.0)
    }
}
impl std::error::Error for Error {}
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error(error.to_string())
    }
}

fn refused<T>(reason: impl Into<String>) -> Result<T> {
    Err(Error(reason.into()))
}

/// An agent: from its input to its output. Functions of that form are agents too.
pub trait Agent {
    /// `input` is `Value::Null` where there is none.
    fn run(&mut self, input: Value) -> Result<Value>;
}

impl<F: FnMut(Value) -> Result<Value>> Agent for F {
    fn run(&mut self, input: Value) -> Result<Value> {
        self(input)
    }
}

/// Something believed, under a name and with a confidence of more than 0 and less than 1.
pub trait Belief {
    fn id(&self) -> String;
    fn statement(&self) -> String;
    fn confidence(&self) -> f64;
    /// What it rests on.
    fn evidence(&self) -> Vec<String> {
        Vec::new()
    }
    /// The names of beliefs that it supports, contradicts, refines, and is derived from.
    fn supports(&self) -> Vec<String> {
        Vec::new()
    }
    fn contradicts(&self) -> Vec<String> {
        Vec::new()
    }
    fn refines(&self) -> Vec<String> {
        Vec::new()
    }
    fn derived_from(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<I: ToString, S: ToString> Belief for (I, S, f64) {
    fn id(&self) -> String {
        self.0.to_string()
    }
    fn statement(&self) -> String {
        self.1.to_string()
    }
    fn confidence(&self) -> f64 {
        self.2
    }
}

/// What an agent concluded.
pub trait Reflection {
    fn summary(&self) -> String;
    /// More than 0 and less than 1, where it is known.
    fn confidence(&self) -> Option<f64> {
        None
    }
    fn about(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Reflection for str {
    fn summary(&self) -> String {
        self.into()
    }
}
impl Reflection for &str {
    fn summary(&self) -> String {
        (*self).into()
    }
}
impl Reflection for String {
    fn summary(&self) -> String {
        self.clone()
    }
}
impl<S: ToString> Reflection for (S, f64) {
    fn summary(&self) -> String {
        self.0.to_string()
    }
    fn confidence(&self) -> Option<f64> {
        Some(self.1)
    }
}

/// Reads the input, runs the agent and writes its output; ends the process with exit code 1 where any of it fails.
pub fn start(mut agent: impl Agent) {
    let done = input().and_then(|given| agent.run(given.unwrap_or_default())).and_then(output);
    if let Err(error) = done {
        let _ = writeln!(io::stderr(), "{error}");
        std::process::exit(1);
    }
}

/// The first input as a value, read as JSON; `None` where there is none.
pub fn input() -> Result<Option<Value>> {
    input_text()?.map(|text| parsed(&text, "the input")).transpose()
}

/// The first input as text in UTF-8; `None` where there is none.
pub fn input_text() -> Result<Option<String>> {
    input_bytes()?.map(|data| decoded(data, "the input")).transpose()
}

/// The first input's bytes; `None` where there is none.
pub fn input_bytes() -> Result<Option<Vec<u8>>> {
    if let Ok(given) = env::var("TARS_INPUT_DATA") {
        return Ok(Some(given.into_bytes()));
    }
    let mut paths = input_paths()?;
    if paths.is_empty() && env::var_os("TARS_MODULE").is_none() {
        paths.extend(env::args_os().nth(1).map(PathBuf::from).filter(|path| path.is_file()));
    }
    if let Some(path) = paths.first() {
        return fs::read(path).map(Some).or_else(|error| refused(format!("{}: {error}", path.display())));
    }
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut data = Vec::new();
    io::stdin().lock().read_to_end(&mut data)?;
    Ok(Some(data).filter(|data| !data.is_empty()))
}

/// The paths of all inputs, files and folders; empty where there are none.
pub fn input_paths() -> Result<Vec<PathBuf>> {
    listed("TARS_INPUTS", "TARS_INPUT")
}

/// Writes the value as JSON to the first output, or to standard output where the module declares none.
pub fn output(value: impl Into<Value>) -> Result<()> {
    output_to(0, value)
}

/// Writes the value as JSON to the output of that number, counted from 0.
pub fn output_to(index: usize, value: impl Into<Value>) -> Result<()> {
    let text = written(&value.into(), "the output")? + "\n";
    output_bytes(index, text.as_bytes())
}

/// Writes the text to the output of that number.
pub fn output_text(index: usize, text: &str) -> Result<()> {
    output_bytes(index, text.as_bytes())
}

/// Writes the bytes to the output of that number.
pub fn output_bytes(index: usize, data: &[u8]) -> Result<()> {
    let paths = output_paths()?;
    let Some(path) = paths.get(index) else {
        if index > 0 {
            return refused(format!("there is no output number {index}; the module declares {}", paths.len()));
        }
        let mut to = io::stdout().lock();
        to.write_all(data)?;
        return Ok(to.flush()?);
    };
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))
        .and_then(|()| fs::write(path, data))
        .or_else(|error| refused(format!("{}: {error}", path.display())))
}

/// The paths to write the declared outputs to; empty where none is declared.
pub fn output_paths() -> Result<Vec<PathBuf>> {
    listed("TARS_OUTPUTS", "TARS_OUTPUT")
}

/// What the metascript says is known: a list of objects with `type`, `labels` and `blocks`; empty outside of TARS.
pub fn memory() -> Result<Value> {
    match env::var_os("TARS_MEMORY").filter(|path| !path.is_empty()) {
        Some(path) => parsed(&decoded(fs::read(path)?, "the memory")?, "the memory"),
        None => Ok(Value::List(Vec::new())),
    }
}

/// Reports a belief, such as `belief(&("sky", "the sky is blue", 0.9))`.
pub fn belief(belief: &(impl Belief + ?Sized)) -> Result<()> {
    let id = belief.id();
    if id.is_empty()
        || id.chars().count() > ID_MAX
        || id.chars().any(|c| c.is_whitespace() || c <= ' ' || c == '\u{7f}')
    {
        return refused("the name of a belief is a text of 1 to 200 characters without blanks");
    }
    let confidence = checked(belief.confidence())?;
    let mut said = vec![("id", id.into()), ("statement", belief.statement().into()), ("confidence", confidence)];
    let others = [
        ("evidence", belief.evidence()),
        ("supports", belief.supports()),
        ("contradicts", belief.contradicts()),
        ("refines", belief.refines()),
        ("derived_from", belief.derived_from()),
    ];
    said.extend(others.into_iter().filter(|(_, names)| !names.is_empty()).map(|(name, names)| (name, names.into())));
    report("belief", object(said))
}

/// Reports what the agent concluded, such as `reflection(&"the data are noisy")`.
pub fn reflection(reflection: &(impl Reflection + ?Sized)) -> Result<()> {
    let mut said = vec![("summary", reflection.summary().into())];
    if let Some(confidence) = reflection.confidence() {
        said.push(("confidence", checked(confidence)?));
    }
    let about = reflection.about();
    if !about.is_empty() {
        said.push(("about", about.into()));
    }
    report("reflection", object(said))
}

/// Reports a number under a name; the last one of a name counts.
pub fn metric(name: &str, value: impl Into<Value>) -> Result<()> {
    let value = value.into();
    if name.is_empty() {
        return refused("the name of a metric is a text");
    }
    if value.as_f64().is_none() {
        return refused(format!("the metric {name} must be a number"));
    }
    report("metric", object([(name, value)]))
}

/// Reports how much is done, from 0 to 1; what lies outside counts as the nearer end.
pub fn progress(fraction: f64) -> Result<()> {
    if fraction.is_nan() {
        return refused("the progress must be a number");
    }
    report("progress", fraction.clamp(0.0, 1.0).into())
}

/// Reports a line for people; outside of TARS it is written to standard error.
pub fn log(message: &str) -> Result<()> {
    if env::var_os("TARS_EVENTS").map_or(true, |path| path.is_empty()) {
        let _ = writeln!(io::stderr(), "{message}");
    }
    report("log", message.into())
}

/// Where reports go: the path, and its file unless it could not be written.
static EVENTS: Mutex<Option<(PathBuf, Option<File>)>> = Mutex::new(None);

fn report(kind: &str, value: Value) -> Result<()> {
    let line = written(&object([(kind, value)]), &format!("the {kind}"))? + "\n";
    let Some(path) = env::var_os("TARS_EVENTS").map(PathBuf::from).filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(());
    };
    let mut events = EVENTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if events.as_ref().map_or(true, |(known, _)| *known != path) {
        let file = OpenOptions::new().append(true).create(true).open(&path);
        *events = Some((path.clone(), told(file)));
    }
    if let Some((_, place)) = events.as_mut() {
        if let Some(file) = place {
            let done = file.write_all(line.as_bytes());
            if told(done).is_none() {
                *place = None;
            }
        }
    }
    Ok(())
}

fn told<T>(done: io::Result<T>) -> Option<T> {
    done.map_err(|error| {
        let _ = writeln!(io::stderr(), "tars: reports are no longer delivered: {error}");
    })
    .ok()
}

fn checked(confidence: f64) -> Result<Value> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(confidence.into());
    }
    refused(format!("a confidence is more than 0 and less than 1, not {confidence}"))
}

fn written(value: &Value, what: &str) -> Result<String> {
    value.to_json().map_err(|error| Error(format!("{what} cannot be written as JSON: {}", error.0)))
}

fn parsed(text: &str, what: &str) -> Result<Value> {
    Value::parse(text).map_err(|error| Error(format!("{what} is not JSON: {}", error.0)))
}

fn decoded(data: Vec<u8>, what: &str) -> Result<String> {
    let text = String::from_utf8(data).or_else(|error| refused(format!("{what} is not text in UTF-8: {error}")))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn listed(several: &str, one: &str) -> Result<Vec<PathBuf>> {
    if let Some(text) = env::var(several).ok().filter(|text| !text.is_empty()) {
        let paths = parsed(&text, several)?;
        return Ok(paths.items().iter().filter_map(Value::as_text).map(PathBuf::from).collect());
    }
    Ok(env::var_os(one).filter(|path| !path.is_empty()).map(PathBuf::from).into_iter().collect())
}
