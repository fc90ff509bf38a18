"""The project graph's answers about a workspace and about the standard library."""

import sys

import pytest

from tars.rust.graph import symbols_of
from tars.rust.graph.std_index import documentation
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place

SHAPES = """
use std::fmt;
pub use self::round::Disc as Coin;
pub mod round {
    #[derive(Debug, Clone)]
    pub struct Circle { pub radius: f64, name: String }
    pub struct Disc;
    struct Hidden;
    mod deep { pub(super) struct Near; pub struct Far; }
    pub use self::deep::Far as Away;
}
pub enum Shape { Round(f64), Square { side: f64 }, Empty }
pub trait Area { fn area(&self) -> f64; fn twice(&self) -> f64 { 2.0 * self.area() } }
impl Area for round::Circle { fn area(&self) -> f64 { 1.0 } }
impl round::Circle { pub fn new() -> Self { todo!() } pub fn grow(&mut self, by: f64) {} }
"""
USER = """
mod shapes;
use shapes::*;
fn main() {
    let word = "one";
    for (index, letter) in word.chars().enumerate() {
        let twice = |count: usize| count * 2 /* here */;
    }
    let later = 1;
}
"""
FILES = {path: SourceFile(path, text.encode()) for path, text in {"main.rs": USER, "shapes.rs": SHAPES}.items()}
GRAPH = symbols_of(FILES, "2021")
needs_documentation = pytest.mark.skipif(documentation() is None, reason="the toolchain came without its documentation")


def at(path: str, text: str) -> Place:
    start = FILES[path].data.index(text.encode())
    return Place(path, start, start + len(text))


def test_items_are_found_by_name_with_the_paths_they_may_be_written_by() -> None:
    assert GRAPH.paths_of("Circle")[0] == "crate::shapes::round::Circle"
    assert GRAPH.paths_of("Coin") == ["crate::shapes::Coin"]
    assert GRAPH.paths_of("Square")[0] == "crate::shapes::Shape::Square"
    assert GRAPH.paths_of("nothing_of_the_kind") == []


def test_what_is_private_is_offered_only_where_it_may_be_seen() -> None:
    assert GRAPH.paths_of("Hidden", at("main.rs", "let word")) == []
    assert GRAPH.paths_of("Hidden", at("shapes.rs", "struct Near")) == ["crate::shapes::round::Hidden"]
    assert GRAPH.paths_of("Near", at("shapes.rs", "struct Near")) == ["crate::shapes::round::deep::Near"]
    assert GRAPH.paths_of("Near", at("main.rs", "let word")) == []


def test_types_tell_their_fields_variants_methods_and_traits() -> None:
    assert GRAPH.fields_of("&shapes::round::Circle") == [("radius", "f64", True), ("name", "String", False)]
    assert GRAPH.variants_of("Shape") == ["Round(_)", "Square { .. }", "Empty"]
    methods = {method.name: method for method in GRAPH.methods_of("&mut Circle")}
    assert methods["grow"].signature == "fn grow(&mut self, by: f64)"
    assert methods["area"].trait == "crate::shapes::Area"
    assert methods["area"].returns == "f64"
    assert methods["clone"].trait == "std::clone::Clone"
    assert "new" not in methods
    assert GRAPH.traits_with("twice") == ["crate::shapes::Area"]
    assert GRAPH.implements("Circle", "Clone") is True
    assert GRAPH.implements("Circle", "Copy") is False
    assert GRAPH.implements("Circle", "Send") is None


def test_definitions_are_places() -> None:
    place = GRAPH.definition("crate::shapes::round::Circle")
    assert place is not None
    assert FILES["shapes.rs"].text(place).startswith("pub struct Circle")
    method = GRAPH.definition("Circle::grow")
    assert method is not None
    assert FILES["shapes.rs"].text(method).startswith("pub fn grow")
    assert GRAPH.definition("std::vec::Vec") is None


def test_names_in_scope_are_compared_by_spelling() -> None:
    here = at("main.rs", "count * 2")
    assert [local.name for local in GRAPH.locals_at(here)] == ["count", "index", "letter", "word"]
    assert GRAPH.names_like("lettre", here)[0] == "letter"
    assert GRAPH.names_like("Shap", here)[0] == "Shape"
    assert GRAPH.names_like("lator", here) == []
    assert GRAPH.names_like("printn", here)[:2] == ["print", "println"]
    assert GRAPH.names_like("Circel")[0] == "Circle"


@needs_documentation
def test_the_standard_library_is_known() -> None:
    assert GRAPH.paths_of("HashMap")[0] == "std::collections::HashMap"
    assert GRAPH.paths_of("Result")[0] == "std::result::Result"
    assert GRAPH.paths_of("Less") == ["std::cmp::Ordering::Less"]
    assert GRAPH.traits_with("write_all") == ["std::io::Write"]
    assert GRAPH.variants_of("Option<i32>") == ["None", "Some(_)"]


@needs_documentation
@pytest.mark.parametrize(
    ("type_name", "method", "trait", "returns"),
    [
        ("Vec<i32>", "len", "", "usize"),
        ("Vec<i32>", "first", "", "Option<&T>"),
        ("&str", "chars", "", "Chars<'_>"),
        ("String", "trim", "", "&str"),
        ("{float}", "sqrt", "", "f64"),
        ("Option<&i32>", "copied", "", "Option<T>"),
        ("i32", "to_string", "std::string::ToString", "String"),
        ("std::slice::Iter<'_, i32>", "map", "std::iter::Iterator", "Map<Self, F>"),
        ("Box<dyn Area>", "area", "crate::shapes::Area", "f64"),
    ],
)
def test_methods_of_the_standard_library(type_name: str, method: str, trait: str, returns: str) -> None:
    found = [one for one in GRAPH.methods_of(type_name) if one.name == method]
    assert [(one.trait, one.returns) for one in found[:1]] == [(trait, returns)]


@needs_documentation
@pytest.mark.parametrize(
    ("type_name", "trait", "answer"),
    [
        ("Vec<i32>", "Clone", True),
        ("Vec<i32>", "Copy", False),
        ("Vec<Circle>", "Clone", True),
        ("Vec<Disc>", "Clone", False),
        ("f64", "Eq", False),
        ("Option<f64>", "PartialEq", True),
        ("(i32, String)", "Copy", False),
        ("&mut i32", "Clone", False),
        ("&Vec<String>", "Debug", True),
        ("Vec<i32>", "std::fmt::Display", False),
        ("Vec<Unheard>", "Clone", None),
    ],
)
def test_who_implements_what(type_name: str, trait: str, answer: bool | None) -> None:
    assert GRAPH.implements(type_name, trait) is answer


def test_types_of_one_name_are_told_apart_by_their_paths() -> None:
    text = """
mod set { pub struct Iter; impl Iter { pub fn held(&self) -> u8 { 1 } } }
mod map { pub struct Iter; impl Iter { pub fn keyed(&self) -> u8 { 1 } } }
use std::slice::Iter; trait Odd { fn odd(&self); } impl Odd for Iter<'_, u8> { fn odd(&self) {} }
"""
    graph = symbols_of({"main.rs": SourceFile("main.rs", text.encode())}, "2021")

    def own(type_name: str) -> set[str]:
        return {one.name for one in graph.methods_of(type_name)} & {"held", "keyed", "odd"}

    assert own("set::Iter") == {"held"}
    assert own("&mut crate::map::Iter") == {"keyed"}
    assert own("std::slice::Iter<'_, u8>") == {"odd"}


@needs_documentation
def test_what_is_of_this_system_only_is_known_too() -> None:
    graph = symbols_of({"main.rs": SourceFile("main.rs", b"")}, "2021")
    if sys.platform == "linux":
        assert graph.paths_of("OsStrExt")[0] == "std::os::unix::ffi::OsStrExt"
        assert graph.paths_of("HandleOrInvalid") == []
    assert graph.paths_of("File")[0] == "std::fs::File"


@needs_documentation
def test_a_crate_that_does_without_std_names_core_where_it_can() -> None:
    def path(edition: str, text: str, name: str) -> str:
        return symbols_of({"lib.rs": SourceFile("lib.rs", text.encode())}, edition).paths_of(name)[0]

    bare = '#![cfg_attr(not(feature = "std"), no_std)]\n'
    assert path("2021", bare, "AddAssign") == "core::ops::AddAssign"
    assert path("2015", bare, "AddAssign") == "std::ops::AddAssign"
    assert path("2015", f"{bare}use core::mem;\n", "AddAssign") == "core::ops::AddAssign"
    assert path("2021", bare, "io") == "std::io"


@needs_documentation
def test_functions_without_self() -> None:
    assert [one.name for one in GRAPH.functions_of("Circle")] == ["new"]
    assert "with_capacity" in {one.name for one in GRAPH.functions_of("Vec<i32>")}
    (from_str,) = [one for one in GRAPH.functions_of("FromStr") if one.name == "from_str"]
    assert from_str.signature == "fn from_str(s: &str) -> Result<Self, Self::Err>"


def test_modules_and_enums_tell_what_is_in_them() -> None:
    assert GRAPH.names_in("crate::shapes::Shape") == ["Round", "Square", "Empty"]
    assert "Circle" in GRAPH.names_in("shapes::round", at("main.rs", "let word"))
    assert "main" in GRAPH.names_in("self", at("main.rs", "let word"))
    assert GRAPH.names_in("crate::nothing") == []
    assert "fmt" in GRAPH.names_in("shapes")
    seen = GRAPH.names_in("shapes", at("main.rs", "let word"), visible=True)
    assert {"Coin", "round", "Shape", "Area"} <= set(seen)
    assert "fmt" not in seen
    assert "Hidden" not in GRAPH.names_in("shapes::round", at("main.rs", "let word"), visible=True)
