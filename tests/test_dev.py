"""`dev.py` in a fresh clone, in a folder with blanks in its name: what the README promises a stranger."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETUP_SECONDS_MAX = 800
AGAIN_SECONDS_MAX = 20
NO_NETWORK = "this needs the network once"


def dev(folder: Path, *words: str, env: dict[str, str], seconds_max: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "dev.py", *words],
        cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds_max, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1000)
def test_the_demo_in_a_fresh_clone(tmp_path: Path, user_cache: Path) -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git repository, so it cannot be cloned")
    clone = tmp_path / "a fresh clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    env = {**os.environ, "TARS_CACHE": str(user_cache), "NO_COLOR": "1"}
    first = dev(clone, "demo", env=env, seconds_max=SETUP_SECONDS_MAX)
    if NO_NETWORK in first.stderr:
        pytest.skip("the packages that dev.py sets up cannot be fetched here")
    assert first.returncode in (0, 3), first.stdout + first.stderr
    if first.returncode == 3:
        assert "Install it:" in first.stdout + first.stderr
        return
    assert "v1" in first.stdout + first.stderr
    assert (clone / "examples/five-languages/output/report.html").is_file()
    again = dev(clone, "demo", env=env, seconds_max=AGAIN_SECONDS_MAX)
    assert again.returncode == 0
    assert "cached" in again.stdout + again.stderr
    assert "Setting up" not in again.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["check", "--nonsense"], ["demo", "x"], ["bench", "nonsense"], []])
def test_a_wrong_verb_is_refused(words: list[str], tmp_path: Path) -> None:
    """Without setting anything up: the verb comes first."""
    shutil.copy(ROOT / "dev.py", tmp_path)
    (tmp_path / "benchmarks").mkdir()
    done = dev(tmp_path, *words, env=dict(os.environ), seconds_max=60)
    assert done.returncode == 2
    assert "Error" in done.stderr or "usage" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv").exists()
