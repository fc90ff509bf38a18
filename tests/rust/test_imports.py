"""Where an import is put among those that are there."""

import pytest

from tars.rust.rules_support.imports import imported
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place


@pytest.mark.parametrize(
    ("text", "path", "result"),
    [
        ("fn f() {}\n", "std::rc::Rc", "use std::rc::Rc;\n\nfn f() {}\n"),
        ("use std::fmt;\nfn f() {}\n", "std::rc::Rc", "use std::fmt;\nuse std::rc::Rc;\nfn f() {}\n"),
        ("use std::fmt;\nfn f() {}\n", "std::cmp::Ordering", "use std::cmp::Ordering;\nuse std::fmt;\nfn f() {}\n"),
        ("use std::path::{Path};\n", "std::path::PathBuf", "use std::path::{Path, PathBuf};\n"),
        ("use std::path::{self, Path};\n", "std::path::Component", "use std::path::{self, Component, Path};\n"),
        ("pub use std::path::{Path};\n", "std::path::PathBuf", "use std::path::PathBuf;\npub use std::path::{Path};\n"),
        ("use std::path::{Path as P};\n", "std::path::Utf", "use std::path::Utf;\nuse std::path::{Path as P};\n"),
        (
            "#[cfg(test)]\nuse std::mem;\nfn f() {}\n",
            "std::fmt::Write",
            "use std::fmt::Write;\n#[cfg(test)]\nuse std::mem;\nfn f() {}\n",
        ),
        ("#[cfg(test)]\nuse crate::a::B;\n", "std::rc::Rc", "use std::rc::Rc;\n#[cfg(test)]\nuse crate::a::B;\n"),
        ("use crate::a::B;\nfn f() {}\n", "std::rc::Rc", "use std::rc::Rc;\nuse crate::a::B;\nfn f() {}\n"),
    ],
)
def test_an_import_stands_beside_its_like(text: str, path: str, result: str) -> None:
    file = SourceFile("main.rs", text.encode())
    change = imported(file, path, Place("main.rs", 0, 0))
    assert file.changed((change,)).data.decode() == result


def test_an_import_is_for_the_module_of_its_place() -> None:
    text = "mod inner {\n    fn f() {}\n}\n"
    file = SourceFile("main.rs", text.encode())
    change = imported(file, "std::rc::Rc", Place("main.rs", text.index("fn"), text.index("fn") + 2))
    assert file.changed((change,)).data.decode() == "mod inner {\n    use std::rc::Rc;\n\n    fn f() {}\n}\n"
