"""The clients in Rust and Go as their languages' own linters and formatters see them."""

import shutil
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).resolve().parent.parent.parent / "clients"
RUST = ["cargo", "clippy", "--quiet", "--offline", "--all-targets", "--", "-D", "warnings"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "command"),
    [
        ("rust", RUST),
        ("rust", ["cargo", "fmt", "--check"]),
        ("go", ["go", "vet", "./..."]),
        ("go", ["gofmt", "-l", "."]),
    ],
    ids=["clippy", "rustfmt", "vet", "gofmt"],
)
def test_nothing_is_found(language: str, command: list[str], tmp_path: Path) -> None:
    tool = "cargo-clippy" if "clippy" in command else "cargo-fmt" if "fmt" in command else command[0]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not on this machine")
    folder = tmp_path / language
    shutil.copytree(CLIENTS / language, folder)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
