"""No command line, however hostile, and no broken project brings a traceback or an undocumented exit code."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.ui.cli.dispatch import parser_of
from tars.ui.cli.manual import actions, is_global
from tars.ui.cli.overview import EXITS, verbs

DOCUMENTED = {code for code, _ in EXITS} - {70, 130}
HOSTILE = (
    "", " ", ".", "/", "-", "--", "@", "name@", "@v1", "first@v999999999999999999999", "v99999999999999999999999",
    "first@../../etc", "nosuch", "nosuch.tars", "binary.tars", "empty.tars", "folder", "unreadable.tars", "loop",
    "deep.tars", "a\nb", "\x1b[31mred", "🙂", "\udcff", "x" * 5000, "-1", "--nosuch", "--project", "--json=1", "%s%n",
)  # fmt: skip
BLOCKING = ("--watch", "--follow")


def command_lines(verb: str) -> list[list[str]]:
    """The command with each hostile word as its argument, as two arguments, and as the value of each of its options."""

    options = [action for action in actions(parser_of(verb)) if action.option_strings and not is_global(action)]
    flags = [action.option_strings[0] for action in options if action.nargs == 0]
    with_value = [action.option_strings[0] for action in options if action.nargs != 0]
    found = [[verb]] + [[verb, word] for word in HOSTILE] + [[verb, "first@v1", word] for word in HOSTILE[:12]]
    found += [[verb, flag] for flag in flags if flag not in BLOCKING]
    found += [[verb, option, word] for option in with_value for word in (*HOSTILE[:6], "\udcff", "x" * 5000)]
    return found + [[verb, "--json", word] for word in HOSTILE[:6]]


def hostile_files(folder: Path) -> None:
    (folder / "binary.tars").write_bytes(bytes(range(256)) * 64)
    (folder / "empty.tars").write_bytes(b"")
    (folder / "deep.tars").write_text("x = " + "[" * 20_000)
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "unreadable.tars").write_text("")
    (folder / "unreadable.tars").chmod(0)


def broken_journal(folder: Path) -> None:
    (folder / ".tars" / "journal.db").write_bytes(b"not a database" * 1000)


def journal_of_the_future(folder: Path) -> None:
    state = folder / ".tars"
    for name in ("format", "journal.db"):
        if (state / name).is_file():
            (state / name).write_bytes(b"SQLite format 9\0" + b"\xff" * 4096)


def state_is_a_file(folder: Path) -> None:
    state = folder / ".tars"
    state.rename(folder / "moved")
    state.write_text("I am a file")


def objects_are_gone(folder: Path) -> None:
    for path in (folder / ".tars" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"rot")


PROJECTS: dict[str, Callable[[Path], None]] = {
    "whole": lambda folder: None,
    "broken journal": broken_journal,
    "journal of the future": journal_of_the_future,
    "state is a file": state_is_a_file,
    "objects are gone": objects_are_gone,
}
RunPython = Callable[..., "subprocess.CompletedProcess[str]"]
RunLines = Callable[[list[list[str]], Path], list[tuple[int | str, str, str]]]


def check(lines: list[list[str]], folder: Path, run_lines: RunLines) -> None:
    answers = [(words, *answer) for words, answer in zip(lines, run_lines(lines, folder), strict=True)]
    bad = [
        (words, code, err[-2000:])
        for words, code, out, err in answers
        if code not in DOCUMENTED or "Traceback (most recent call last)" in out + err
    ]
    assert not bad, "\n".join(map(str, bad[:5]))
    for words, code, out, err in answers:
        assert code in (0, 1) or "Error:" in err or "missing" in out or words[0] == "doctor", (words, code, err)
        assert "\x1b" not in out + err, words


@pytest.mark.parametrize("verb", verbs())
def test_hostile_words(verb: str, project: Path, run_lines: RunLines) -> None:
    hostile_files(project)
    check(command_lines(verb), project, run_lines)


@pytest.mark.parametrize("broken", PROJECTS, ids=str)
def test_broken_projects(broken: str, project: Path, run_lines: RunLines) -> None:
    PROJECTS[broken](project)
    lines = [
        ["versions"], ["versions", "first"], ["show", "first"], ["show", "first@v1", "--file", "first.py"],
        ["diff", "v1", "v2"], ["rollback", "first@v1", "--yes"], ["prune", "--keep", "1"], ["gc"], ["logs"],
        ["logs", "first"], ["history"], ["history", "first"], ["why", "first"], ["store", "verify"], ["doctor"],
        ["run", "--dry-run"], ["run", "--sandbox", "none", "--force"], ["store", "repair"], ["check"],
    ]  # fmt: skip
    check(lines, project, run_lines)


BURST = '''"""A command that has a bug."""
EXAMPLES = ()
def configure(parser): ...
def run(arguments, console):
    return 1 // 0
'''


def test_a_bug_is_told_in_words(tmp_path: Path, run_python: RunPython) -> None:
    """The control of the tests above: a real bug gets exit code 70, and its traceback is in a file and nowhere else."""
    (tmp_path / "burst.py").write_text(BURST)
    program = (
        "import os, sys; os.environ['TARS_CACHE'] = sys.argv[1]; import tars.ui.cli.commands as commands\n"
        "commands.__path__.append(sys.argv[1]); from tars.ui.cli.main import main; sys.exit(main(['burst']))"
    )
    done = run_python(program, str(tmp_path), folder=tmp_path)
    assert done.returncode == 70
    assert "Traceback" not in done.stdout + done.stderr
    assert "this is a bug in TARS: ZeroDivisionError" in done.stderr
    report = next((tmp_path / "crashes").glob("*.txt"))
    assert str(report) in done.stderr
    assert "Traceback (most recent call last)" in report.read_text()
    debug = run_python(f"import os; os.environ['TARS_DEBUG'] = '1'\n{program}", str(tmp_path), folder=tmp_path)
    assert "Traceback (most recent call last)" in debug.stderr
