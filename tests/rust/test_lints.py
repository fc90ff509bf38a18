"""Lints that are mended: as many as can be, each whole, those that clippy denies too."""

from collections.abc import Generator
from pathlib import Path

from tars.episode.budget import Budget, Meter
from tars.episode.journal import ENDED, Journalled, read_recording
from tars.episode.values import Status, Step
from tars.rust.checking.checkers import Checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend, replay
from tars.rust.syntax.edits import patched
from tars.store import open_store

LINTS = Options(lints=True, tests=False)


def mended(text: str, options: Options = LINTS) -> Mended:
    with Checkers(lambda: LoneCrate("main.rs"), 2) as checkers:
        return ended(mend({"main.rs": text.encode()}, checkers, options, Meter(Budget())), [])


def ended(run: Generator[Step, None, Mended], told: list[str]) -> Mended:
    while True:
        try:
            told.append(next(run).text)
        except StopIteration as stop:
            found: Mended = stop.value
            return found


def result(text: str, one: Mended) -> str:
    return patched({"main.rs": text.encode()}, one.changes)["main.rs"].decode()


def test_lints_are_mended_when_asked_for() -> None:
    text = "pub fn twice(a: u32) -> u32 {\n    return a * 2;\n}\n"
    assert mended(text, Options(tests=False)).status is Status.FINE
    one = mended(text)
    assert one.status is Status.DONE
    assert result(text, one) == "pub fn twice(a: u32) -> u32 {\n    a * 2\n}\n"


def test_what_a_linter_says_with_less_is_no_deletion() -> None:
    text = "pub fn f(v: &[i32]) -> bool {\n    return v.len() == 0;\n}\n"
    one = mended(text)
    assert one.status is Status.DONE
    assert result(text, one) == "pub fn f(v: &[i32]) -> bool {\n    v.is_empty()\n}\n"


def test_of_lints_as_many_are_mended_as_can_be() -> None:
    """What the second lint asks for, nobody proposes."""
    parameters = ", ".join(f"{name}: u8" for name in "abcdefgh")
    many = f"pub fn many({parameters}) -> u8 {{\n    {' + '.join('abcdefgh')}\n}}\n"
    text = f"pub fn twice(a: u32) -> u32 {{\n    return a * 2;\n}}\n{many}"
    one = mended(text)
    assert one.status is Status.DONE
    assert "    a * 2\n" in result(text, one)
    assert [left.code for left in one.left] == ["clippy::too_many_arguments"]
    one = mended(text.replace("return a * 2;", "a * 2"))
    assert (one.status, one.changes) == (Status.ABSTAINED, ())


def test_what_is_mended_so_far_is_proven_in_the_time_that_is_left(tmp_path: Path) -> None:
    """The clock jumps as soon as one of two lints is mended, to where there is time for a proof only; a replay ends the
    search at the same place."""
    text = (
        "pub enum Page {\n    Empty,\n    Full([u8; 512]),\n}\n\npub fn blank(all: bool) -> Page {\n"
        "    let make = Page::Full;\n    return if all { make([0; 512]) } else { Page::Empty };\n}\n"
    )
    budget = Budget(seconds_max=1000.0)
    files = {"main.rs": text.encode()}
    with open_store(tmp_path / ".tars") as store, Checkers(lambda: LoneCrate("main.rs"), 2) as checkers:
        told: list[str] = []
        meter = Meter(budget, lambda: 700.0 if any("it builds, with 1 warning" in one for one in told) else 0.0)
        one = ended(mend(files, checkers, LINTS, meter, Journalled(store, "main.rs")), told)
        entry = store.latest(ENDED, subject="main.rs")
        assert entry is not None
        recording = read_recording(store, entry)
    assert one.status is Status.DONE
    assert [left.code for left in one.left] == ["clippy::large_enum_variant"]
    assert any("stopped" in kept for kept in recording if isinstance(kept, dict))
    assert ended(replay(files, LINTS, budget, recording), []).hunks == one.hunks


def test_lints_that_clippy_denies_are_lints_too() -> None:
    """They end its check with an error, though it builds; one of them nobody mends."""
    text = "pub fn f(r: f64) -> f64 {\n    3.14159 * r\n}\n\npub fn g(x: i32) -> bool {\n    x == x\n}\n"
    one = mended(text)
    assert one.status is Status.DONE
    assert "    std::f64::consts::PI * r\n" in result(text, one)
    assert [left.code for left in one.left] == ["clippy::eq_op"]


def test_of_what_mends_a_lint_no_half_is_kept() -> None:
    """Without the assignments alone clippy would be content too."""
    text = (
        "#[derive(Default)]\npub struct Size {\n    pub width: u32,\n    pub height: u32,\n    pub all: Vec<u32>,\n}\n"
        "\npub fn square(side: u32) -> Size {\n    let mut size: Size = Default::default();\n    size.width = side;\n"
        "    size.height = side;\n    size.all.push(side);\n    size\n}\n"
    )
    one = mended(text)
    assert one.status is Status.DONE
    assert "Size { width: side, height: side, ..Default::default() };\n    size.all.push" in result(text, one)


def test_several_lints_are_mended_together() -> None:
    text = (
        "pub fn f(sizes: &[u32]) -> Vec<u32> {\n    let mut found = Vec::new();\n    found.push(1);\n"
        "    found.push(2);\n    for i in 0..sizes.len() {\n        found[0] += sizes[i];\n    }\n    found\n}\n\n"
        'pub fn g(name: &str) -> &str {\n    if name.starts_with("the ") {\n        &name[4..]\n    } else {\n'
        "        name\n    }\n}\n"
    )
    one = mended(text)
    assert one.status is Status.DONE
    assert result(text, one) == (
        "pub fn f(sizes: &[u32]) -> Vec<u32> {\n    let mut found = vec![1, 2];\n    for size in sizes {\n"
        "        found[0] += *size;\n    }\n    found\n}\n\n"
        'pub fn g(name: &str) -> &str {\n    if let Some(rest) = name.strip_prefix("the ") {\n        rest\n'
        "    } else {\n        name\n    }\n}\n"
    )
