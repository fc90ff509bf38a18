"""What a person at a terminal sees: the live display, colours, the question before a rollback, Ctrl-C."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.ui.cli.console import table

OnTerminal = Callable[..., tuple[str, int]]
SLEEPER = 'python_module "sleeper" {\n  source = "sleeper.py"\n}\n'


def visible(text: str) -> str:
    return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", text)


def test_the_live_display(fresh: Path, on_terminal: OnTerminal) -> None:
    text, code = on_terminal(fresh, "run", "--sandbox", "none")
    assert code == 0
    assert "\x1b[?25l" in text, "a live display hides the cursor"
    assert text.rstrip().endswith("v1") or "made v1" in visible(text)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "and shows it again at the end"
    assert re.search(r"✓ first +ran", visible(text))
    assert "Done in" in visible(text)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_none_are_wanted(variables: dict[str, str], fresh: Path, on_terminal: OnTerminal) -> None:
    text, code = on_terminal(fresh, "run", "--sandbox", "none", **variables)
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*[1-9][0-9;]*m", text)
    assert "Done in" in text


def test_an_agent_cannot_paint_the_terminal(fresh: Path, on_terminal: OnTerminal) -> None:
    (fresh / "first.py").write_text('print("\\x1b]0;pwned\\x07\\x1b[2J\\x1b[31mred")\nraise SystemExit(1)\n')
    text, code = on_terminal(fresh, "run", "--sandbox", "none")
    assert code == 1
    assert "pwned" not in text
    assert "\x1b[2J\x1b[31m" not in text
    assert "first failed" in visible(text)


def test_ctrl_c_ends_a_run(fresh: Path, on_terminal: OnTerminal) -> None:
    (fresh / "pipeline.tars").write_text(SLEEPER)
    (fresh / "sleeper.py").write_text('import time\nprint("I sleep", flush=True)\ntime.sleep(300)\n')
    text, code = on_terminal(fresh, "run", "--sandbox", "none", keys={"I sleep": "\x03"})
    assert code == 130
    assert "Interrupted in" in visible(text)
    assert "--resume" in visible(text)
    assert "Traceback" not in text


@pytest.mark.parametrize(("key", "code"), [("y\r", 0), ("n\r", 1)])
def test_rollback_asks(key: str, code: int, project: Path, on_terminal: OnTerminal) -> None:
    before = (project / "second.py").read_text()
    text, found = on_terminal(project, "rollback", "second@v1", keys={"[y/N]": key})
    assert found == code, text
    assert ((project / "second.py").read_text() != before) == (code == 0)


def test_color_on_a_terminal(project: Path, on_terminal: OnTerminal) -> None:
    text, _ = on_terminal(project, "diff", "v1", "v2")
    assert "\x1b[32m+" in text
    assert "\x1b[" not in on_terminal(project, "diff", "v1", "v2", "--color", "never")[0]


@pytest.mark.parametrize(("key", "applied"), [("y\r", True), ("n\r", False)])
def test_rust_fix_shows_a_timeline_and_asks(key: str, applied: bool, tmp_path: Path, on_terminal: OnTerminal) -> None:
    source = "fn main() {\n    let a = vec![1];\n    let b = a;\n    drop((a, b));\n}\n"
    (tmp_path / "a.rs").write_text(source)
    text, code = on_terminal(tmp_path, "rust", "fix", "a.rs", keys={"[y/N]": key})
    assert code == 0, text
    shown = visible(text)
    rows = [re.search(rf"✓ {state} +\d", shown) for state in ("sense", "plan", "probe", "propose", "validate")]
    assert all(rows), shown
    assert "+    let b = a.clone();" in shown
    assert "docs:error_codes/E0382.html" in shown
    assert shown.index("Proof, in a copy: builds") < shown.index("Apply it? [y/N]")
    assert ((tmp_path / "a.rs").read_text() != source) is applied
    assert ("`tarscli rust rollback" in shown) is applied


def test_rows_on_a_narrow_terminal_break_between_words(project: Path, on_terminal: OnTerminal) -> None:
    for columns in ("80", "40"):
        for words in (("run", "--dry-run", "--sandbox", "none"), ("history",), ("new", "--list"), ("versions",)):
            shown, code = on_terminal(project, *words, COLUMNS=columns, NO_COLOR="1")
            assert code == 0
            lines = shown.replace("\r", "").splitlines()
            assert max(map(len, lines)) <= int(columns), shown


def test_a_table_is_aligned_by_what_a_terminal_shows() -> None:
    assert table([("日本", "a"), ("x", "b")]) == "日本  a\nx     b"
    told = table([("a", "one two three four five six seven")], ("NAME", "WHY"), width=32)
    assert told == "NAME  WHY\na     one two three four five\n      six seven"
