"""The wheel, as a stranger gets it: built, installed into a fresh environment, and used to start a project."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STEP_SECONDS_MAX = 280
NO_NETWORK = ("No matching distribution", "Failed to establish", "ConnectionError", "Temporary failure", "timed out")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def step(*command: str | Path, folder: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=STEP_SECONDS_MAX, check=False,
    )  # fmt: skip
    if done.returncode and any(sign in done.stdout for sign in NO_NETWORK):
        pytest.skip("the packages that TARS needs cannot be fetched here")
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    step(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_all_that_is_in_the_source(wheel: Path) -> None:
    source = ROOT / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "tars").rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(source).parts)
    }
    held = set(zipfile.ZipFile(wheel).namelist())
    assert files - held == set()
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not any(name.startswith(("tests/", "examples/", "benchmarks/")) for name in held)


def test_a_fresh_environment_starts_a_project(wheel: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "a fresh environment"
    step(sys.executable, "-m", "venv", fresh, folder=tmp_path)
    programs = fresh / ("Scripts" if os.name == "nt" else "bin")
    step(programs / "python", "-m", "pip", "install", "--quiet", wheel, folder=tmp_path)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    env["TARS_CACHE"] = str(tmp_path / "user-cache")
    tarscli = programs / ("tarscli.exe" if os.name == "nt" else "tarscli")
    assert step(tarscli, "--version", folder=tmp_path, env=env).startswith("tarscli ")
    step(tarscli, "new", "demo", "--lang", "python", folder=tmp_path, env=env)
    step(tarscli, "check", folder=tmp_path / "demo", env=env)
    step(tarscli, "run", folder=tmp_path / "demo", env=env)
    assert "v1" in step(tarscli, "versions", folder=tmp_path / "demo", env=env)
    assert (tmp_path / "demo" / "output" / "logs").is_dir()
