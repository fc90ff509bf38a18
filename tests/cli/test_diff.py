"""What `diff` prints can be applied by git, whatever the files hold and are called."""

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tars.core.values import Digest
from tars.store import Leaf, ModuleState, Store, open_store
from tars.store.versions import append_version

OnTerminal = Callable[..., tuple[str, int]]
PIECES = (
    "a\r\n", "b\n", "\n", "\r", "form\ffeed\n", "\x1b[31mred\n", "\u202ebidi\n", "\x85\u2028 line ends\n",
    "--- x\n", "+++ y\n", "@@ -1 +1 @@\n", "é\n", "no end",
)  # fmt: skip
NAMES = (
    "plain.py",
    "a blank.py",
    "a\ttab.py",
    'a"quote\\.py',
    "an é.py",
    "sub/of/it.py",
    "line\nbreak.py",
    "\u202e.py",
)
Files = Mapping[str, tuple[str, bool]]


def commit(store: Store, files: Files) -> None:
    tree = {
        path: Leaf(store.objects.put(text.encode()), run, len(text.encode())) for path, (text, run) in files.items()
    }
    state = ModuleState("m", "python", "python_module.m", store.objects.put_tree(tree), Digest(""), Digest(""))
    with store.transaction() as tx:
        append_version(tx, [state])


def generated(chance: random.Random) -> dict[str, tuple[str, bool]]:
    names = [name for name in NAMES if chance.random() < 0.7]
    return {name: ("".join(chance.choices(PIECES, k=chance.randrange(9))), chance.random() < 0.3) for name in names}


def written(folder: Path, files: Files) -> None:
    for path, (text, run) in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
        (folder / path).chmod(0o755 if run else 0o644)


def read(folder: Path) -> dict[str, tuple[str, bool]]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".tars" not in path.parts]
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes().decode(), bool(path.stat().st_mode & 0o100))
        for path in files
    }


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
@pytest.mark.parametrize("seed", range(12))
def test_git_applies_what_diff_prints(seed: int, tmp_path: Path, environment: dict[str, str]) -> None:
    chance = random.Random(seed)
    before, after = generated(chance), generated(chance)
    after["changed.py"], before["changed.py"] = ("1\r\n2\f\r\n", False), ("1\r\n", False)
    before["mode.sh"], after["mode.sh"] = ("same\n", False), ("same\n", True)
    before["emptied away"], after["new and empty"] = ("", False), ("", False)
    written(tmp_path, before)
    with open_store(tmp_path / ".tars") as store:
        commit(store, before)
        commit(store, after)
    program = [sys.executable, "-m", "tars.ui.cli", "diff", "v1", "v2"]
    done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, check=True, timeout=60)
    applying = ["git", "apply", "--whitespace=nowarn"]
    applied = subprocess.run(applying, cwd=tmp_path, input=done.stdout, capture_output=True, check=False, timeout=60)
    assert applied.returncode == 0, applied.stderr.decode()
    assert read(tmp_path) == after


def test_on_a_terminal_what_a_file_holds_is_only_shown(tmp_path: Path, on_terminal: OnTerminal) -> None:
    with open_store(tmp_path / ".tars") as store:
        commit(store, {"a.py": ("1\n", False)})
        commit(store, {"a.py": ("\x1b]0;title\x07\u202ehidden\r\n", False)})
    text, code = on_terminal(tmp_path, "diff", "v1", "v2", "--color", "never")
    assert code == 0
    assert "\x1b" not in text
    assert "\\u202ehidden\\x0d" in text
