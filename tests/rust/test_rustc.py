"""The compiler asked about lone files: what it says, normalised, and the types it tells."""

import threading
from pathlib import Path

from tars.rust.checking.checker import Checker
from tars.rust.checking.rustc import LoneCrate
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Applicability, Kind, Place

MOVED = b"""fn main() {
    let words = vec![1, 2];
    let taken = words;
    println!("{:?} {}", words, taken.len());
}
"""


def test_a_broken_file_gives_diagnostics_with_places_and_suggestions() -> None:
    file = SourceFile("main.rs", MOVED)
    with LoneCrate("main.rs") as crate:
        checked = crate.check({"main.rs": MOVED})
    assert not checked.ok
    (error,) = checked.errors
    assert (error.code, error.kind, error.level) == ("E0382", Kind.MOVE, "error")
    assert error.primary is not None
    assert file.text(error.primary) == "words"
    (clone,) = [one for one in error.suggestions if "clon" in one.message]
    assert clone.applicability is Applicability.MACHINE
    with LoneCrate("main.rs") as crate:
        assert crate.check({"main.rs": file.changed(clone.changes).data}).ok


def test_a_name_that_looks_like_an_option_is_a_name() -> None:
    with LoneCrate("-o.rs", tests=True) as crate:
        (error,) = crate.check({"-o.rs": MOVED}).errors
        assert error.primary is not None
        assert (error.code, error.primary.path) == ("E0382", "-o.rs")
        assert crate.clippy({"-o.rs": b"fn main() {}\n"}).ok
        assert crate.test({"-o.rs": b"fn main() {}\n\n#[test]\nfn passes() {}\n"}).passed == ("passes",)


def test_types_are_told_beside_other_errors() -> None:
    file = SourceFile("main.rs", MOVED)
    first, second = (MOVED.index(text) for text in (b"words;", b"taken.len"))
    with LoneCrate("main.rs") as crate:
        asked = [Place("main.rs", first, first + 5), Place("main.rs", second, second + 11)]
        assert crate.types({"main.rs": file}, asked) == ("Vec<{integer}>", "usize")


def test_an_expression_that_is_none_spoils_no_others() -> None:
    file = SourceFile("main.rs", MOVED)
    word, no_expression = MOVED.index(b"words;"), MOVED.index(b"let taken")
    with LoneCrate("main.rs") as crate:
        asked = [Place("main.rs", word, word + 5), Place("main.rs", no_expression, no_expression + 9)]
        assert crate.types({"main.rs": file}, asked) == ("Vec<{integer}>", None)


TESTED = b"""//! Tested.

/// ```
/// assert_eq!(lone::one(), 1);
/// ```
///
/// ```
/// assert_eq!(lone::one(), 2);
/// ```
pub fn one() -> u32 { include_str!("one.txt").len() as u32 }
#[test] fn passes() { std::fs::write("main.rs", "spoilt").unwrap(); }
#[test] fn fails() { panic!("on purpose"); }
"""


def test_tests_run_in_a_sandbox_and_spoil_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    attack = b'#[test] fn attacks() { assert!(std::fs::write("' + bytes(outside) + b'", "").is_err()); }\n'
    files = {"main.rs": TESTED + attack}
    with LoneCrate("main.rs", tests=True, assets={"one.txt": b"1"}) as crate:
        checker: Checker = crate
        assert checker.check(files).ok
        tested = checker.test(files)
        assert checker.check(files).ok
        assert not outside.exists()
        assert (tested.ok, tested.passed) == (False, ("attacks", "main.rs - one", "passes"))
        assert tested.failed == ("fails", "main.rs - one #2")
        assert "on purpose" in tested.detail
        broken = checker.test({"main.rs": MOVED})
        assert (broken.ok, broken.passed, broken.failed) == (False, (), ())
        assert "borrow of moved value" in broken.detail


def test_a_program_without_tests_passes_them_and_is_not_run(tmp_path: Path) -> None:
    with LoneCrate("main.rs") as crate:
        tested = crate.test({"main.rs": b"fn main() { loop {} }"})
    assert (tested.ok, tested.passed, tested.failed) == (True, (), ())


def test_clippy_knows_lone_files_too() -> None:
    with LoneCrate("main.rs") as crate:
        checked = crate.clippy({"main.rs": b"pub fn same(x: u32) -> u32 { return x; }\n"})
    assert checked.ok
    assert [one.code for one in checked.diagnostics] == ["clippy::needless_return"]


def test_a_check_that_does_not_end_can_be_cancelled() -> None:
    endless = b"const fn f() -> u32 { loop {} }\n#[allow(long_running_const_eval)] pub const X: u32 = f();\n"
    with LoneCrate("main.rs") as crate:
        threading.Timer(0.5, crate.cancel).start()
        checked = crate.check({"main.rs": endless})
        assert (checked.ok, checked.detail) == (False, "it was cancelled")


def test_modules_come_and_go() -> None:
    root = b"mod more;\npub fn one() -> u32 { more::two() }\n"
    with LoneCrate("main.rs") as crate:
        assert not crate.check({"main.rs": root}).ok
        assert crate.check({"main.rs": root, "more.rs": b"pub fn two() -> u32 { 2 }\n"}).ok
        assert not crate.check({"main.rs": root}).ok


def test_nothing_is_written_through_links_that_a_test_leaves(tmp_path: Path) -> None:
    (tmp_path / "main.rs").write_text("mine")
    attacks = f"""
        use std::{{env, fs, os::unix::fs::symlink, path::Path}};
        #[test] fn attacks() {{
            let (sources, mine) = (env::current_dir().unwrap(), Path::new("{tmp_path}"));
            assert!(fs::rename(&sources, sources.with_file_name("away")).is_err());
            fs::remove_file("main.rs").unwrap();
            symlink(mine.join("main.rs"), "main.rs").unwrap();
            let program = env::current_exe().unwrap();
            fs::remove_file(&program).unwrap();
            symlink(mine.join("main.rs"), program).unwrap();
        }}
    """.encode()
    with LoneCrate("main.rs", tests=True) as crate:
        for _ in range(2):
            tested = crate.test({"main.rs": attacks})
            assert tested.ok, tested.detail
            assert crate.check({"main.rs": b"// other"}).ok
    assert (tmp_path / "main.rs").read_text() == "mine"
