"""The language server client, against a small real server that was written apart from it, and rust-analyzer itself
where it is on this machine."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import UnavailableError
from tars.episode.budget import Budget, Meter, OverBudgetError
from tars.episode.probes import Diary, Live
from tars.episode.values import Status
from tars.rust.checking.checkers import Checkers, open_checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.workspace import Target, find_target
from tars.rust.graph import symbols_of
from tars.rust.language_server.frames import Deframer, LanguageServerError, frame
from tars.rust.language_server.places import Lines
from tars.rust.language_server.session import Patience, Session
from tars.rust.mending.analyzer import Assistance, ServerProgram, find_analyzer, open_analyzer
from tars.rust.mending.context import Assist, Resources, Workbench
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend
from tars.rust.mending.looks import Looks
from tars.rust.mending.proposer import RUST_PROPOSERS
from tars.rust.mending.senses import Senses
from tars.rust.syntax.edits import patched
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Kind, Patch, Place

HASTY = Patience(first_seconds_max=0.3, grace_seconds=0.2)
SERVER = Path(__file__).with_name("small_language_server.py")
TEXT = 'fn main() {\r\n    let größe = "🙂🙂"; let other = größe;\r\n    let _ = größe;\r\n}\r\n'


def program(*arguments: str) -> ServerProgram:
    base = tuple({Path(os.path.realpath(sys.executable)).parents[1], Path(sys.base_prefix), Path(sys.prefix)})
    return ServerProgram(sys.executable, "1", (SERVER.parent, *base), ("-I", str(SERVER), *arguments))


def lone(folder: Path, text: str = TEXT) -> Target:
    (folder / "a file.rs").write_bytes(text.encode())
    return find_target(folder / "a file.rs")


def shown(text: str = TEXT) -> dict[str, SourceFile]:
    return {"a file.rs": SourceFile("a file.rs", text.encode())}


def place_of(text: str, word: str, number: int = 0) -> Place:
    """The nth appearance of a word in the file, in bytes."""
    start = -1
    for _ in range(number + 1):
        start = text.encode().index(word.encode(), start + 1)
    return Place("a file.rs", start, start + len(word.encode()))


@pytest.mark.parametrize("units", ["utf-16", "utf-8"])
def test_types_definitions_and_references_are_in_bytes_whatever_the_server_counts(tmp_path: Path, units: str) -> None:
    with open_analyzer(lone(tmp_path), program(units)) as session:
        assert session.ready()
        session.show(shown())
        used = place_of(TEXT, "größe", 1)
        assert session.type_at(used) == "let größe: W"
        assert session.definitions(used) == (place_of(TEXT, "größe"),)
        assert session.references(used) == (place_of(TEXT, "größe", 1), place_of(TEXT, "größe", 2))


def test_the_files_are_those_that_were_shown_last(tmp_path: Path) -> None:
    changed = TEXT.replace("größe", "width")
    with open_analyzer(lone(tmp_path), program("utf-16")) as session:
        session.show(shown())
        session.show(shown(changed))
        assert session.type_at(place_of(changed, "width")) == "let width: W"
        more = {**shown(changed), "b.rs": SourceFile("b.rs", b"// width\n")}
        session.show(more)
        assert session.references(place_of(changed, "width"))[-1] == Place("b.rs", 3, 8)
        session.show(shown(changed))
        assert all(one.path == "a file.rs" for one in session.references(place_of(changed, "width")))
    assert (tmp_path / "a file.rs").read_bytes() == TEXT.encode()


@pytest.mark.parametrize("units", ["utf-16", "utf-8"])
def test_only_offers_that_change_what_is_shown_are_taken(tmp_path: Path, units: str) -> None:
    with open_analyzer(lone(tmp_path), program(units)) as session:
        found = session.assists(shown(), place_of(TEXT, "größe", 1))
    assert [one.title for one in found] == ["Mend it", "Say it", "Leave a hole", "Move it out"]
    mended = patched({"a file.rs": TEXT.encode()}, found[0].changes)["a file.rs"].decode()
    assert mended == TEXT.replace("other = größe", "other = mended")
    said = patched({"a file.rs": TEXT.encode()}, found[1].changes)["a file.rs"].decode()
    assert said == TEXT.replace("other = größe", "other = /* é🙂 */größe")


def test_a_server_that_changes_its_mind_is_asked_again(tmp_path: Path) -> None:
    with open_analyzer(lone(tmp_path), program("utf-16", "modified")) as session:
        session.show(shown())
        assert session.type_at(place_of(TEXT, "größe")) == "let größe: W"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("dies", "has ended: out of patience"),
        ("garbage", "no JSON"),
        ("endless", "a message of the length '99999999999'"),
    ],
)
def test_a_server_that_breaks_is_an_error_that_says_how(tmp_path: Path, behaviour: str, said: str) -> None:
    with open_analyzer(lone(tmp_path), program("utf-16", behaviour)) as session:
        session.show(shown())
        with pytest.raises(LanguageServerError, match=said) as caught:
            session.type_at(place_of(TEXT, "größe"))
        assert caught.value.hint
        with pytest.raises(LanguageServerError, match="has ended"):
            session.references(place_of(TEXT, "größe"))


def test_a_server_that_does_not_answer_is_left_at_the_deadline(tmp_path: Path) -> None:
    started = time.monotonic()
    with open_analyzer(lone(tmp_path), program("utf-16", "silent"), HASTY) as session:
        session.show(shown())
        with pytest.raises(LanguageServerError, match=r"not answered textDocument/hover within 0\.3 s"):
            session.type_at(place_of(TEXT, "größe"))
    assert time.monotonic() - started < 30, "the server sleeps for a minute"


def test_a_server_that_does_not_end_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    with open_analyzer(lone(tmp_path), program("utf-16", "stuck"), HASTY):
        pass
    assert time.monotonic() - started < 30


def test_a_server_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    started = time.monotonic()
    with open_analyzer(lone(tmp_path), program("utf-16", "deaf"), HASTY) as session:
        session.show({**shown(), "b.rs": SourceFile("b.rs", b"// " + b"x" * 1_000_000)})
        with pytest.raises(LanguageServerError, match="not answered"):
            session.type_at(place_of(TEXT, "größe"))
    assert time.monotonic() - started < 30


def test_a_flood_of_notifications_delays_no_answer_for_good(tmp_path: Path) -> None:
    with open_analyzer(lone(tmp_path), program("utf-16", "flood")) as session:
        session.show(shown())
        assert session.type_at(place_of(TEXT, "größe")) == "let größe: W"


def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LanguageServerError, match="has ended: error: Unknown binary"):
        open_analyzer(lone(tmp_path), program("utf-16", "absent")).__enter__()


def test_rustups_stand_in_is_no_analyzer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on PATH, starts, says that it is not installed, and fails."""
    proxy = tmp_path / "rust-analyzer"
    proxy.write_text("#!/bin/sh\necho \"error: Unknown binary 'rust-analyzer' in official toolchain\" >&2\nexit 1\n")
    proxy.chmod(proxy.stat().st_mode | stat.S_IXUSR)
    target = lone(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    found = find_analyzer()
    assert found is None or not found.path.startswith(str(tmp_path))
    if found is None:
        with pytest.raises(UnavailableError, match="not installed") as caught:
            open_analyzer(target).__enter__()
        assert "rustup component add" in caught.value.hint


def proposed(offers: Mapping[str, Assist], failing: bool = False, kind: Kind = Kind.MOVE) -> list[Patch]:
    text = 'fn main() {\n    let words = vec![1];\n    drop(words);\n    println!("{words:?}");\n}\n'
    files = {"main.rs": text.encode()}
    sources = {path: SourceFile(path, data) for path, data in files.items()}

    def assists(files: Mapping[str, SourceFile], place: Place) -> list[Assist]:
        if failing:
            raise LanguageServerError("gone")
        return list(offers.values())

    with LoneCrate("main.rs") as crate:
        found = [replace(one, kind=kind) for one in crate.check(files).errors]
    resources = Resources(assists=assists)
    bench = Workbench(sources, tuple(found), symbols_of, "2021", lambda places: [None for _ in places], resources)
    return [patch for one in found for patch in RUST_PROPOSERS.load("analyzer").propose(one, bench)]


def test_quick_fixes_become_patches_once_each(tmp_path: Path) -> None:
    text = "fn main() {}\n"
    target = lone(tmp_path, text)
    with open_analyzer(target, program("utf-16")) as session:
        offered = {one.title: one for one in session.assists(shown(text), place_of(text, "main"))}
    found = proposed(offered)
    assert [one.reason for one in found] == ["rust-analyzer offers: mend it", "rust-analyzer offers: say it"]
    assert all(one.producer == "analyzer" and 0 < one.confidence < 1 for one in found)
    assert proposed(offered, failing=True) == []


def test_a_lint_is_not_mended_by_writing_it_otherwise() -> None:
    """A rewriting may mend an error; a linter would only not know again what it found."""
    rewriting = {"one": Assist("Write it otherwise", "refactor.rewrite", (Change(Place("main.rs", 0, 2), "fn"),))}
    assert [one.producer for one in proposed(rewriting)] == ["analyzer"]
    assert proposed(rewriting, kind=Kind.LINT) == []


def test_places_are_turned_into_positions_and_back() -> None:
    data = "a🙂é\r\n\r\nlast".encode()
    for units in ("utf-8", "utf-16"):
        lines = Lines(data, units)
        for offset in (0, 1, 5, 7, 9, 11, len(data)):
            assert lines.offset(lines.position(offset)) == offset, (units, offset)
        assert lines.offset({"line": 0, "character": 999}) == 7, "beyond the end of a line is its end"
        for wrong in ({"line": 9, "character": 0}, {"line": -1, "character": 0}, {"line": "0", "character": 0}):
            with pytest.raises(ValueError, match=r"no position|no line"):
                lines.offset(wrong)
    assert Lines(data, "utf-16").position(5) == {"line": 0, "character": 3}


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_messages_are_cut_from_pieces_of_any_size(size: int) -> None:
    messages = [{"id": number, "result": "é" * number} for number in range(20)]
    raw = b"".join(frame(one) for one in messages)
    deframer = Deframer()
    found = [one for start in range(0, len(raw), size) for one in deframer.feed(raw[start : start + size])]
    assert found == [{"jsonrpc": "2.0", **one} for one in messages]


@pytest.mark.parametrize(
    "raw", [b"x" * 9000, b"Content-Length: -1\r\n\r\n", b"A: b\r\n\r\n", b"Content-Length: 2\r\n\r\n[]"]
)
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    with pytest.raises(LanguageServerError, match="the server sent"):
        Deframer().feed(raw)


FOREIGN = "fn mended() -> u8 {\n    7\n}\nfn main() {\n    let _: u8 = quxfrotz();\n}\n"


def mend_with(folder: Path, meter: Meter, *arguments: str) -> tuple[Mended, str]:
    """A mend whose only proposer is the server; also what is to be said of it."""
    target = lone(folder, FOREIGN)
    with Assistance(target, program(*arguments), meter.seconds_left) as assists, open_checkers(target, 1) as checkers:
        options = Options(proposers=("analyzer",), tests=False, resources=Resources(assists=assists))
        episode = mend({"a file.rs": FOREIGN.encode()}, checkers, options, meter)
        while True:
            try:
                next(episode)
            except StopIteration as ended:
                return ended.value, assists.note


def test_what_the_server_offers_is_proven_like_all_else(tmp_path: Path) -> None:
    mended, note = mend_with(tmp_path, Meter(Budget()), "utf-16")
    assert [move.patch.reason for move in mended.moves] == ["rust-analyzer offers: mend it"]
    assert [(one.place, one.text) for one in mended.changes] == [(place_of(FOREIGN, "quxfrotz"), "mended")]
    assert not note


def test_a_server_that_does_not_come_up_is_named_and_hinders_nobody(tmp_path: Path) -> None:
    mended, note = mend_with(tmp_path, Meter(Budget(seconds_max=6.0)), "utf-16", "absent")
    assert mended.status is not Status.DONE
    assert "rust-analyzer" in note


def test_a_server_that_uses_up_the_time_is_named() -> None:
    meter = Meter(Budget(seconds_max=0.2))

    def assists(files: Mapping[str, SourceFile], place: Place) -> list[Assist]:
        while meter.seconds_left() > 0:
            time.sleep(0.01)
        raise LanguageServerError("late")

    with Checkers(lambda: LoneCrate("main.rs"), 1) as checkers, Looks(checkers, meter) as looks:
        recorded = Senses(Live(Diary(meter)), looks).recorded(Resources(assists=assists)).assists
        assert recorded is not None
        with pytest.raises(OverBudgetError, match=r"0\.2 seconds is used up while rust-analyzer was running"):
            recorded({}, Place("main.rs", 0, 0))


def test_a_server_can_write_to_no_file_of_the_users(tmp_path: Path) -> None:
    places = [tmp_path / "a file.rs", tmp_path / "new.rs", tmp_path.parent / f"{tmp_path.name}-beside"]
    words = ("utf-16", "escape", *map(str, places))
    mended, _ = mend_with(tmp_path, Meter(Budget()), *words)
    assert mended.status is Status.DONE
    assert places[0].read_text() == FOREIGN
    assert not any(one.exists() for one in places[1:])
    # The control: where nothing confines it, it does.
    subprocess.run([sys.executable, "-I", SERVER, *words], stdin=subprocess.DEVNULL, check=False, timeout=60)
    assert {one.read_text() for one in places} == {"escaped"}


def analyzer() -> ServerProgram:
    found = find_analyzer()
    if found is None:
        pytest.skip("rust-analyzer is not installed")
    return found


@pytest.mark.slow
def test_rust_analyzer_itself_answers(tmp_path: Path) -> None:
    text = (
        "struct Size(u32);\nfn double(size: Size) -> u32 {\n    size.0 * 2\n}\nfn main() {\n    double(Size(3));\n}\n"
    )
    target = lone(tmp_path, text)
    with open_analyzer(target, analyzer()) as session:
        assert ready_and_shown(session, shown(text))
        used = place_of(text, "double", 1)
        assert session.definitions(used) == (place_of(text, "double"),)
        assert session.references(used) == (used,)
        declared = session.type_at(place_of(text, "size"))
        assert declared is not None
        assert "Size" in declared


def ready_and_shown(session: Session, files: Mapping[str, SourceFile]) -> bool:
    session.show(files)
    return session.ready()


@pytest.mark.slow
def test_rust_analyzers_quick_fix_mends_a_missing_import(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    manifest = '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n'
    (tmp_path / "Cargo.toml").write_text(manifest)
    text = "mod shapes {\n    pub struct Circle;\n}\npub fn round(_: Circle) {}\n"
    (tmp_path / "src" / "lib.rs").write_text(text)
    files = {"src/lib.rs": SourceFile("src/lib.rs", text.encode())}
    start = text.rindex("Circle")
    with open_analyzer(find_target(tmp_path), analyzer()) as session:
        assert ready_and_shown(session, files)
        offered = session.assists(files, Place("src/lib.rs", start, start + 6))
    (imported,) = [one for one in offered if one.title.startswith("Import")]
    assert imported.kind == "quickfix"
    mended = patched({"src/lib.rs": text.encode()}, imported.changes)["src/lib.rs"]
    with LoneCrate("lib.rs") as crate:
        assert crate.check({"lib.rs": mended}).ok
    assert (tmp_path / "Cargo.toml").read_text() == manifest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Cargo.toml", "src"], "nothing was written"
