"""Cargo asked about copies of workspaces: what it finds, where, how often, and that the user's tree stays as it is."""

import os
from pathlib import Path

import pytest

from tars.core.errors import UnavailableError
from tars.rust.checking.workspace import Features, find_target, read_files
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, Kind, Place

from .crates import checker, picture, write_crate

LIBRARY = "pub fn one() -> u32 {\n    1\n}\n"
WRONG = 'pub fn wrong() -> u32 {\n    "no"\n}\n'
WORKSPACE = '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n'


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def found(checked: Checked) -> list[tuple[str, str]]:
    """The code and file of each error."""
    return [(one.code, one.primary.path if one.primary else "") for one in checked.errors]


def test_everything_that_can_be_built_is_checked(tmp_path: Path, cache: Path) -> None:
    files = {
        "src/lib.rs": LIBRARY,
        "src/main.rs": 'fn main() { let x: u32 = ""; }\n',
        "tests/it.rs": '#[test] fn it() { let x: u32 = ""; }\n',
        "examples/shown.rs": 'fn main() { let x: u32 = ""; }\n',
        "benches/quick.rs": 'fn main() { let x: u32 = ""; }\n',
    }
    root = write_crate(tmp_path / "small", files, '[[bench]]\nname = "quick"\nharness = false\n')
    before = picture(root)
    with checker(root, cache) as cargo:
        given = read_files(cargo.target)
        checked = cargo.check(given)
        assert not checked.ok
        assert checked.detail == ""
        assert found(checked) == [
            ("E0308", "benches/quick.rs"),
            ("E0308", "examples/shown.rs"),
            ("E0308", "src/main.rs"),
            ("E0308", "tests/it.rs"),
        ]
        mended = {path: data.replace(b'""', b"1") for path, data in given.items()}
        assert cargo.check(mended).ok
        assert cargo.check(given).diagnostics == checked.diagnostics
    assert picture(root) == before


def test_an_error_in_a_library_is_told_once_and_hides_what_rests_on_it(tmp_path: Path, cache: Path) -> None:
    main = 'fn main() { small::wrong(); let x: u8 = "also"; }\n'
    root = write_crate(tmp_path / "small", {"src/lib.rs": WRONG, "src/main.rs": main})
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        checked = cargo.check(files)
        assert found(checked) == [("E0308", "src/lib.rs")]
        (error,) = checked.errors
        assert error.primary is not None
        assert files["src/lib.rs"][error.primary.start : error.primary.end] == b'"no"'
        assert "small/src" not in error.rendered
        assert "--> src/lib.rs:2:5" in error.rendered
        assert found(cargo.check({**files, "src/lib.rs": LIBRARY.replace("one", "wrong").encode()})) == [
            ("E0308", "src/main.rs")
        ]


def test_members_of_a_workspace_have_paths_from_its_root(tmp_path: Path, cache: Path) -> None:
    root = tmp_path / "all"
    (root / "crates").mkdir(parents=True)
    (root / "Cargo.toml").write_text(WORKSPACE)
    for name in ("first", "second", "third"):
        write_crate(root / "crates" / name, {"src/lib.rs": WRONG if name != "third" else LIBRARY})
    with checker(root, cache) as cargo:
        assert found(cargo.check(read_files(cargo.target))) == [
            ("E0308", "crates/first/src/lib.rs"),
            ("E0308", "crates/second/src/lib.rs"),
        ]
    with checker(root / "crates" / "second", cache) as cargo:
        assert found(cargo.check(read_files(cargo.target))) == [("E0308", "crates/second/src/lib.rs")]
    with checker(root / "crates" / "third" / "src", cache) as cargo:
        assert cargo.check(read_files(cargo.target)).ok


def test_errors_in_build_scripts_and_in_what_they_generate(tmp_path: Path, cache: Path) -> None:
    generates = """fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(out + "/made.rs", "pub fn made() -> u32 { \\"no\\" }").unwrap();
}
"""
    library = 'include!(concat!(env!("OUT_DIR"), "/made.rs"));\n'
    root = write_crate(tmp_path / "small", {"src/lib.rs": library, "build.rs": generates})
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        (error,) = cargo.check(files).errors
        assert error.primary is not None
        assert error.primary.path.startswith("/")
        assert error.primary.path not in files
        checked = cargo.check({**files, "build.rs": generates.replace("unwrap()", "undo()").encode()})
        assert {path for _, path in found(checked)} == {"build.rs"}
        checked = cargo.check({**files, "build.rs": b'fn main() { panic!("on purpose") }'})
        assert (checked.ok, checked.diagnostics) == (False, ())
        assert "failed to run custom build command for `small" in checked.detail
        assert "on purpose" in checked.detail
        assert str(cache) not in checked.detail


def test_errors_in_macros_are_where_a_person_wrote_them(tmp_path: Path, cache: Path) -> None:
    """In the user's own macro, at the use of another's, and at a derive of a procedural one."""
    derive = """extern crate proc_macro;
#[proc_macro_derive(Wrong)]
pub fn wrong(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    "fn derived() -> u32 { true }".parse().unwrap()
}
"""
    root = tmp_path / "all"
    (root / "crates").mkdir(parents=True)
    (root / "Cargo.toml").write_text(WORKSPACE)
    write_crate(root / "crates" / "derive", {"src/lib.rs": derive}, "[lib]\nproc-macro = true\n")
    user = """macro_rules! own { () => { fn owned() -> u32 { 'c' } } }
own!();
pub fn borrowed() { assert_eq!(1u8, "x"); }
#[derive(derive::Wrong)]
pub struct Thing;
"""
    manifest = '[dependencies]\nderive = { path = "../derive" }\n'
    write_crate(root / "crates" / "user", {"src/lib.rs": user}, manifest)
    with checker(root, cache) as cargo:
        checked = cargo.check(read_files(cargo.target))
    places = [one.primary for one in checked.errors if one.primary]
    assert {one.path for one in places} == {"crates/user/src/lib.rs"}
    texts = {user.encode()[one.start : one.end] for one in places}
    assert texts == {b"'c'", b'"x"', b"derive::Wrong"}


def test_an_error_in_a_dependency_is_recognisable(tmp_path: Path, cache: Path) -> None:
    write_crate(tmp_path / "near", {"src/lib.rs": WRONG})
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY}, '[dependencies]\nnear = { path = "../near" }\n')
    with checker(root, cache) as cargo:
        checked = cargo.check(read_files(cargo.target))
    assert found(checked) == [("E0308", str(tmp_path / "near" / "src" / "lib.rs"))]


def test_a_dependency_that_is_not_on_this_machine(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "empty"))
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY}, '[dependencies]\nserde = "1"\n')
    with checker(root, cache) as cargo, pytest.raises(UnavailableError) as caught:
        cargo.check(read_files(cargo.target))
    assert "the dependency `serde` is not on this machine" in caught.value.message
    assert "cargo fetch" in caught.value.hint
    assert not (root / "Cargo.lock").exists()


def test_a_benchmark_for_another_compiler_is_left_out(tmp_path: Path, cache: Path) -> None:
    bench = "#![feature(test)]\nextern crate test;\n#[bench] fn quick(b: &mut test::Bencher) { b.iter(|| 1); }\n"
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY, "benches/quick.rs": bench})
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        assert cargo.check(files).ok
        assert found(cargo.check({**files, "src/lib.rs": WRONG.encode()})) == [("E0308", "src/lib.rs")]


def test_features_as_asked(tmp_path: Path, cache: Path) -> None:
    library = LIBRARY + '#[cfg(feature = "fast")]\n' + WRONG
    root = write_crate(tmp_path / "small", {"src/lib.rs": library}, "[features]\nfast = []\n")
    for features, ok in ((Features(), True), (Features(("fast",)), False), (Features(all=True), False)):
        with checker(find_target(root, features), cache) as cargo:
            assert cargo.check(read_files(cargo.target)).ok is ok


@pytest.mark.parametrize("text", ["\ufeff" + WRONG, WRONG.replace("\n", "\r\n"), "// é\n" + WRONG])
def test_places_count_the_bytes_of_the_file(tmp_path: Path, cache: Path, text: str) -> None:
    root = write_crate(tmp_path / "small", {"src/lib.rs": text})
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        (error,) = cargo.check(files).errors
    assert error.primary is not None
    assert files["src/lib.rs"][error.primary.start : error.primary.end] == b'"no"'


def test_large_and_linked_sources_are_built_though_nobody_mends_them(tmp_path: Path, cache: Path) -> None:
    root = write_crate(tmp_path / "small", {
        "src/lib.rs": "mod table;\nmod inside;\npub fn one() -> u32 { table::LAST + inside::two() }\n"
        'pub const DATA: &[u8] = include_bytes!("../data.bin");\n',
        "src/table.rs": "".join(f"pub const A{n}: u32 = {n};\n" for n in range(1000)) + "// x\n" * 400_000
        + "pub const LAST: u32 = 1;\n",
        "real/inside.rs": "pub fn two() -> u32 { 2 }\n",
        "data.bin": b"\0" * (5 << 20),
    })  # fmt: skip
    (root / "src" / "inside.rs").symlink_to("../real/inside.rs")
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        assert list(files) == ["real/inside.rs", "src/lib.rs"]
        assert cargo.check(files).ok
        broken = {**files, "real/inside.rs": b"pub fn two() -> u32 { 'c' }\n"}
        (error,) = cargo.check(broken).errors
        assert error.primary is not None
        assert error.primary.path == "real/inside.rs", "not the way through the link"
        sources = {path: SourceFile(path, data) for path, data in broken.items()}
        assert cargo.types(sources, [error.primary]) == ("char",)


def test_settings_above_the_workspace_hold_and_wrappers_do_not(tmp_path: Path, cache: Path) -> None:
    (tmp_path / ".cargo").mkdir()
    settings = '[build]\nrustc-wrapper = "/nowhere/cache"\nrustflags = ["--cfg", "special"]\n'
    (tmp_path / ".cargo" / "config.toml").write_text(settings)
    library = '#[cfg(not(special))]\ncompile_error!("not read");\n'
    root = write_crate(tmp_path / "small", {"src/lib.rs": library})
    with checker(root, cache) as cargo:
        checked = cargo.check(read_files(cargo.target))
        assert checked.ok, checked


def test_a_tree_that_cannot_be_written(tmp_path: Path, cache: Path) -> None:
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY})
    os.chmod(root / "src" / "lib.rs", 0o444)
    os.chmod(root / "src", 0o555)
    os.chmod(root, 0o555)
    before = picture(tmp_path / "small")
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        assert cargo.check(files).ok
        assert not cargo.check({"src/lib.rs": WRONG.encode()}).ok
    assert picture(tmp_path / "small") == before


def test_the_next_episode_finds_the_place_warm_and_the_users_changes(tmp_path: Path, cache: Path) -> None:
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY, "src/more.rs": "", "notes.txt": "one"})
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        cargo.check({**files, "src/lib.rs": WRONG.encode(), "src/new.rs": b"pub fn new() {}\n"})
        folder = cargo.place.folder
    (root / "src" / "more.rs").unlink()
    (root / "notes.txt").write_text("two")
    with checker(root, cache) as cargo:
        assert cargo.place.folder == folder
        assert cargo.place.warm
        tree = cargo.place.overlay.tree
        assert (tree / "src" / "lib.rs").read_text() == LIBRARY
        assert (tree / "notes.txt").read_text() == "two"
        assert not (tree / "src" / "new.rs").exists()
        assert not (tree / "src" / "more.rs").exists()
        with checker(root, cache) as other:
            assert other.place.folder != folder
            assert other.check(read_files(other.target)).ok
        assert cargo.check(read_files(cargo.target)).ok


def test_a_cache_that_cannot_be_used_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY})
    with checker(root, tmp_path / "file" / "cache") as cargo:
        assert cargo.check(read_files(cargo.target)).ok
        folder = cargo.place.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_files_that_come_and_go(tmp_path: Path, cache: Path) -> None:
    root = write_crate(tmp_path / "small", {"src/lib.rs": "mod more;\n" + LIBRARY})
    with checker(root, cache) as cargo:
        files = read_files(cargo.target)
        assert found(cargo.check(files)) == [("E0583", "src/lib.rs")]
        assert cargo.check({**files, "src/more.rs": b"pub fn two() {}\n"}).ok
        assert found(cargo.check(files)) == [("E0583", "src/lib.rs")]


def test_lints_of_clippy(tmp_path: Path, cache: Path) -> None:
    library = "pub fn same(x: u32) -> u32 {\n    return x;\n}\n"
    root = write_crate(tmp_path / "small", {"src/lib.rs": library})
    with checker(root, cache) as cargo:
        checked = cargo.clippy(read_files(cargo.target))
        assert cargo.check(read_files(cargo.target)).diagnostics == ()
    assert checked.ok
    (lint,) = checked.diagnostics
    assert (lint.code, lint.kind, lint.level) == ("clippy::needless_return", Kind.LINT, "warning")


TESTS = """//! Tests.

/// ```
/// assert_eq!(small::one(), 1);
/// ```
///
/// ```
/// assert_eq!(small::one(), 2);
/// ```
pub fn one() -> u32 { 1 }
#[cfg(test)]
mod tests {
    #[test] fn passes() {}
    #[test] fn fails() { println!("said before"); panic!("on purpose"); }
    #[test] #[should_panic] fn panics() { panic!(); }
    #[test] #[ignore] fn ignored() { panic!(); }
    #[test] fn loops() { while cfg!(special) {} }
}
"""


def test_tests_of_all_kinds_by_name(tmp_path: Path, cache: Path) -> None:
    root = write_crate(tmp_path / "small", {"src/lib.rs": TESTS, "tests/it.rs": "#[test] fn passes() {}\n"})
    with checker(root, cache) as cargo:
        tested = cargo.test(read_files(cargo.target))
        assert not tested.ok
        assert tested.passed == ("it::passes", "small: src/lib.rs - one", "small::tests::loops", "small::tests::panics",
                                 "small::tests::passes")  # fmt: skip
        assert tested.failed == ("small: src/lib.rs - one #2", "small::tests::fails")
        assert "on purpose" in tested.detail
        files = read_files(cargo.target)
        broken = cargo.test({**files, "src/lib.rs": WRONG.encode()})
        assert (broken.ok, broken.passed, broken.failed) == (False, (), ())
        assert "mismatched types" in broken.detail
        assert str(cache) not in broken.detail
        cargo.seconds_max = 3.0
        endless = cargo.test({**files, "src/lib.rs": TESTS.replace("cfg!(special)", "true").encode()})
        assert not endless.ok
        assert "it ran longer than its timeout" in endless.detail


def test_types_beside_other_errors(tmp_path: Path, cache: Path) -> None:
    library = """pub mod shapes;
pub fn wrong() -> u32 { let words = vec!["a"]; let first = words.iter().next(); first }
#[cfg(test)] mod tests { #[test] fn it() { let inner = super::shapes::area(2); drop(inner); } }
"""
    shapes = "pub fn area(x: u64) -> f64 { let half = x / 2; half as f64 }\n"
    root = write_crate(tmp_path / "small", {"src/lib.rs": library, "src/shapes.rs": shapes})
    with checker(root, cache) as cargo:
        files = {path: SourceFile(path, data) for path, data in read_files(cargo.target).items()}

        def at(path: str, text: str, last: str) -> Place:
            start = files[path].data.index(text.encode())
            return Place(path, start, start + text.index(last) + len(last))

        asked = [
            at("src/lib.rs", "words.iter().next()", "next()"),
            at("src/lib.rs", "words.iter().next()", "words"),
            at("src/shapes.rs", "x / 2", "2"),
            at("src/lib.rs", "inner);", "inner"),
            at("src/lib.rs", "#[test]", "#[test]"),
        ]
        checked = cargo.check(read_files(cargo.target))
        assert cargo.types(files, asked) == ("Option<&&str>", "Vec<&str>", "u64", "f64", None)
        assert cargo.types(files, []) == ()
        assert cargo.check(read_files(cargo.target)).diagnostics == checked.diagnostics
