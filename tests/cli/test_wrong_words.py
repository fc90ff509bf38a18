"""Every wrong command line is answered with one clear line, the nearest right word, and exit code 2."""

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import FILES

RunLines = Callable[[list[list[str]], Path], list[tuple[int | str, str, str]]]
WRONG: list[tuple[str, str, str]] = [  # in this order: the first ones are about a folder that is no project yet
    ("versions", "this folder is not a TARS project", "`tarscli run FILE` makes one"),
    ("rust rollback 1234", "this folder is not a TARS project", "`tarscli rust fix PATH` makes one"),
    ("frobnicate", "`frobnicate` is not a command of tarscli", "`tarscli --help` lists the commands"),
    ("chekc", "`chekc` is not a command of tarscli", "did you mean `tarscli check`?"),
    ("pipeline.tars", "`pipeline.tars` is not a command", "did you mean `tarscli run pipeline.tars`?"),
    ("--frobnicate", "`tarscli` has no option `--frobnicate`", "`tarscli --help` shows its arguments and options"),
    ("run --onyl first", "`tarscli run` has no option `--onyl`", "did you mean `--only`?"),
    ("run --jobs many", "--jobs: `many` is not a whole number between 1 and 1,000,000", "--help"),
    ("run --jobs 0", "--jobs: `0` is not a whole number", "--help"),
    ("run --only", "--only: expected one argument", "--help"),
    ("run --only ,", "--only: names at least one name", "--help"),
    ("run --keep-going --fail-fast", "--fail-fast: not allowed with argument --keep-going", "--help"),
    ("run --watch --dry-run", "--watch and --dry-run exclude each other", "leave one of them out"),
    ("run --var top", "--var `top` is not of the form NAME=VALUE", "for instance `--var top=10`"),
    ("run --var a=1 --var a=2", "the variable `a` is given twice", "give it once"),
    ("run --color sometimes", "`sometimes` is not a value of --color", "known: auto, always, never"),
    ("run pipline.tars", "there is no file `pipline.tars`", "did you mean `pipeline.tars`?"),
    ("run .", "`.` is a folder, not a metascript", "did you mean `pipeline.tars`?"),
    ("run pipeline.tars more", "`more` is one argument too many for `tarscli run`", "--help"),
    ("run ''", "an argument of `tarscli run` is empty", "is a variable of the shell not set?"),
    ("run --project nowhere", "cannot look into `nowhere`: no such file or directory", "check --project"),
    ("run --only frist", "the metascript has no module `frist`", "did you mean `first`?"),
    ("why", "the following arguments are required: NAME", "`tarscli why --help` shows its arguments and options"),
    ("why frist", "the metascript has no module `frist`", "did you mean `first`?"),
    ("explain T9999", "there is no code `T9999`", "`tarscli explain` lists"),
    ("new", "the new project's folder is missing", "for instance `tarscli new demo`"),
    ("new x --lang pyton", "there is no template `pyton`", "did you mean `--lang python`?"),
    ("completion tcsh", "`tcsh` is not a value of SHELL", "known: bash, zsh, fish, powershell"),
    ("store verfy", "`verfy` is not a value of ACTION", "did you mean `verify`?"),
    ("rust", "the action is missing", "`tarscli rust --help` lists all"),
    ("rust reviw", "`reviw` is not an action of `tarscli rust`", "did you mean `tarscli rust review`?"),
    ("rust review lst", "`lst` is not a value of ACTION", "did you mean `list`?"),
    ("rust review show", "`tarscli rust review show` needs the ID of a patch", "`tarscli rust review list` has them"),
    ("rust schema pach", "there is no schema `pach`", "did you mean `patch`?"),
    ("versions --project nowhere", "`nowhere` is not a folder", "--project names the project's folder"),
    ("logs --stdout --stderr", "--stderr: not allowed with argument --stdout", "--help"),
    ("convert pipeline.tars --to toml", "`toml` is not a value of --to", "known: json, yaml, tars"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, run_lines: RunLines) -> dict[str, tuple[int | str, str, str]]:
    folder = tmp_path_factory.mktemp("fresh")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    lines = [words for words, _, _ in WRONG]
    return dict(zip(lines, run_lines([shlex.split(words) for words in lines], folder), strict=True))


@pytest.mark.parametrize(("words", "message", "hint"), WRONG, ids=[words for words, _, _ in WRONG])
def test_wrong_words(words: str, message: str, hint: str, answers: dict[str, tuple[int | str, str, str]]) -> None:
    code, out, err = answers[words]
    lines = err.splitlines()
    assert code == 2
    assert lines[0].startswith("Error: ")
    assert message in lines[0]
    assert lines[1].startswith("Hint: ")
    assert hint in lines[1]
    assert len(lines) == 2
    assert out == ""


def test_an_error_is_json_too(fresh: Path, run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = run_tarscli("why", "frist", "--json", folder=fresh, code=2)
    answer = json.loads(done.stdout)
    assert answer["schema"] == "tars.why/1"
    assert answer["error"] == {
        "message": "the metascript has no module `frist`",
        "causes": [],
        "hint": "did you mean `first`?",
    }


@pytest.mark.parametrize("words", ["--help", "-h", "help", "run --help", "help run", "--project . run -h"])
def test_help_is_on_stdout(
    words: str, tmp_path: Path, run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    done = run_tarscli(*words.split(), folder=tmp_path)
    assert done.stdout.startswith("Usage: tarscli ")
    assert done.stderr == ""


def test_no_words_at_all(tmp_path: Path, run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = run_tarscli(folder=tmp_path, code=2)
    assert "Usage: tarscli " in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", ["--version", "--version --quiet"])
def test_version(words: str, tmp_path: Path, run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    assert run_tarscli(*words.split(), folder=tmp_path).stdout.startswith("tarscli ")
