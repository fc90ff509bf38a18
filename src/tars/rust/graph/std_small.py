"""What is used most of the standard library, for machines whose toolchain came without its documentation."""

from tars.rust.graph.std_pages import ImplRow, Item, MethodRow, Pages

_ITEMS = """
struct std::boxed::Box
struct std::string::String
struct std::vec::Vec
enum std::option::Option None Some(T)
enum std::result::Result Ok(T) Err(E)
enum std::cmp::Ordering Less Equal Greater
enum std::borrow::Cow Borrowed(&'a_B) Owned(<B_as_ToOwned>::Owned)
struct std::collections::HashMap
struct std::collections::HashSet
struct std::collections::BTreeMap
struct std::collections::BTreeSet
struct std::collections::VecDeque
struct std::collections::BinaryHeap
struct std::rc::Rc
struct std::rc::Weak
struct std::sync::Arc
struct std::sync::Mutex
struct std::sync::RwLock
struct std::sync::OnceLock
mod std::sync::mpsc
struct std::cell::Cell
struct std::cell::RefCell
struct std::path::Path
struct std::path::PathBuf
struct std::fs::File
struct std::time::Duration
struct std::time::Instant
struct std::marker::PhantomData
trait std::clone::Clone
trait std::marker::Copy
trait std::marker::Send
trait std::marker::Sync
trait std::marker::Sized
trait std::default::Default
trait std::fmt::Debug
trait std::fmt::Display
trait std::fmt::Write
trait std::io::Read
trait std::io::Write
trait std::io::BufRead
trait std::hash::Hash
trait std::hash::Hasher
trait std::cmp::PartialEq
trait std::cmp::Eq
trait std::cmp::PartialOrd
trait std::cmp::Ord
trait std::convert::From
trait std::convert::Into
trait std::convert::TryFrom
trait std::convert::TryInto
trait std::convert::AsRef
trait std::error::Error
trait std::iter::Iterator
trait std::iter::IntoIterator
trait std::iter::FromIterator
trait std::iter::DoubleEndedIterator
trait std::iter::ExactSizeIterator
trait std::iter::Sum
trait std::ops::Add
trait std::ops::Sub
trait std::ops::Mul
trait std::ops::Div
trait std::ops::Rem
trait std::ops::Neg
trait std::ops::Not
trait std::ops::AddAssign
trait std::ops::SubAssign
trait std::ops::MulAssign
trait std::ops::Index
trait std::ops::IndexMut
trait std::ops::Deref
trait std::ops::DerefMut
trait std::ops::Drop
trait std::ops::Fn
trait std::ops::FnMut
trait std::ops::FnOnce
trait std::str::FromStr
trait std::string::ToString
fn std::mem::swap
fn std::mem::replace
fn std::mem::take
fn std::mem::drop
fn std::cmp::max
fn std::cmp::min
fn std::thread::spawn
mod std::env
mod std::fmt
mod std::fs
mod std::io
mod std::mem
mod std::process
mod std::thread
mod std::collections
mod std::rc
mod std::sync
mod std::time
macro std::println
macro std::print
macro std::eprintln
macro std::format
macro std::vec
macro std::panic
macro std::assert
macro std::assert_eq
macro std::assert_ne
macro std::write
macro std::writeln
macro std::matches
macro std::dbg
macro std::unreachable
"""
_METHODS = """
std::clone::Clone: fn clone(&self) -> Self
std::default::Default: fn default() -> Self
std::string::ToString: fn to_string(&self) -> String
std::iter::Iterator: fn next(&mut self) -> Option<Self::Item>
std::iter::Iterator: fn map<B, F>(self, f: F) -> Map<Self, F>
std::iter::Iterator: fn collect<B>(self) -> B
std::io::Write: fn write_all(&mut self, buf: &[u8]) -> Result<()>
std::io::Write: fn flush(&mut self) -> Result<()>
std::io::Read: fn read_to_string(&mut self, buf: &mut String) -> Result<usize>
std::io::BufRead: fn lines(self) -> Lines<Self>
std::str::FromStr: fn from_str(s: &str) -> Result<Self, Self::Err>
std::convert::Into: fn into(self) -> T
std::convert::From: fn from(value: T) -> Self
std::option::Option: pub fn unwrap(self) -> T
std::option::Option: pub fn is_some(&self) -> bool
std::option::Option: pub fn is_none(&self) -> bool
std::option::Option: pub fn unwrap_or_default(self) -> T
std::result::Result: pub fn unwrap(self) -> T
std::result::Result: pub fn ok(self) -> Option<T>
std::result::Result: pub fn is_ok(&self) -> bool
std::vec::Vec: pub fn len(&self) -> usize
std::vec::Vec: pub fn push(&mut self, value: T)
std::vec::Vec: pub fn iter(&self) -> Iter<'_, T>
std::string::String: pub fn len(&self) -> usize
std::string::String: pub fn push_str(&mut self, string: &str)
std::string::String: pub fn as_str(&self) -> &str
str: pub fn len(&self) -> usize
str: pub fn chars(&self) -> Chars<'_>
str: pub fn parse<F>(&self) -> Result<F, <F as FromStr>::Err>
str: pub fn trim(&self) -> &str
"""
_NUMBERS = ("u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64")
_PRIMITIVES = (*_NUMBERS, "bool", "char", "str", "slice", "array", "tuple", "unit")
_COPIED = ("std::clone::Clone", "std::marker::Copy", "std::fmt::Debug", "std::fmt::Display", "std::cmp::PartialEq")


def small_pages() -> Pages:
    """The table as if it had been read from documentation."""
    pages = Pages()
    for line in _ITEMS.strip().split("\n"):
        kind, _, rest = line.partition(" ")
        path, *variants = rest.split()
        pages.items.append(Item(path, path.rpartition("::")[2], kind, ""))
        pages.variants += [(path, variant.replace("_", " ")) for variant in variants]
    for line in _METHODS.strip().split("\n"):
        owner, _, signature = line.partition(": ")
        name = signature.partition("fn ")[2].partition("(")[0].partition("<")[0]
        pages.methods.append(MethodRow(owner, name, signature, "", False))
    for name in _PRIMITIVES:
        pages.items.append(Item(name, name, "primitive", ""))
    for name in (*_NUMBERS, "bool", "char"):
        pages.impls += [
            ImplRow(name, trait, name, f"impl {trait.rpartition('::')[2]} for {name}", False) for trait in _COPIED
        ]
    return pages
