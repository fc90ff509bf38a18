"""The compiler asked about lone files: what it says, normalised, and the types it tells."""

from tars.rust.rustc import LoneCrate
from tars.rust.source import SourceFile
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


def test_types_are_told_beside_other_errors() -> None:
    file = SourceFile("main.rs", MOVED)
    first, second = (MOVED.index(text) for text in (b"words;", b"taken.len"))
    with LoneCrate("main.rs") as crate:
        asked = [Place("main.rs", first, first + 5), Place("main.rs", second, second + 11)]
        assert crate.types({"main.rs": file}, asked) == ("Vec<{integer}>", "usize")
