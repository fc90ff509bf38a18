"""Runs the console blocks of the README and the guides, and compares what they print where they say it.

In a fenced `console` block, `$ ` begins a command and the lines after it, where there are any, are its whole output.
The blocks of one page run in order, in one copy of the page's folder.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "README.md", *ROOT.glob("docs/guide/*.md"), *ROOT.glob("examples/*/README.md")))
BLOCK = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
COMMAND_SECONDS_MAX = 240
NEEDS = {
    "clients": ("rustc", "go", "node", "npm"),
    "five-languages": ("rustc", "go", "node", "npm"),
    "python-size": ("cargo", "node", "npm"),
}


def commands(text: str) -> list[tuple[str, str]]:
    """Each command of a page with the output that the page shows."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(text):
        for line in block.splitlines(keepends=True):
            if line.startswith("$ "):
                found.append((line[2:].strip(), ""))
            else:
                command, shown = found[-1]
                found[-1] = (command, shown + line)
    return found


def check(page: str, folder: Path, environment: dict[str, str]) -> None:
    """Run a page's commands in `folder`. `cd` holds for the commands after it; `dev.py` has tests of its own."""
    for command, shown in commands(page):
        if command.startswith("python3 dev.py"):
            continue
        if command.startswith("cd "):
            folder = folder / command[3:]
            continue
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=COMMAND_SECONDS_MAX, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        if shown:
            assert done.stdout.strip() == shown.strip(), f"$ {command}"


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_console_blocks(page: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "page"
    if page.parent.parent.name == "examples":
        for program in NEEDS.get(page.parent.name, ()):
            if shutil.which(program) is None:
                pytest.skip(f"{page.parent.name} needs {program}, which is not on this machine")
        shutil.copytree(page.parent, folder, ignore=shutil.ignore_patterns("output", ".tars", "target", "__pycache__"))
    else:
        folder.mkdir()
    check(page.read_text("utf-8"), folder, environment)


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("page", ["```console\n$ false\n```\n", "```console\n$ echo one\ntwo\n```\n"])
def test_a_page_that_is_wrong_is_noticed(page: str, tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(AssertionError):
        check(page, tmp_path, environment)


def test_ci_runs_the_command_of_the_readme() -> None:
    told = [command for command, _ in commands((ROOT / "README.md").read_text("utf-8"))]
    assert told[:2] == ["python3 dev.py demo", "python3 dev.py test"]
    assert re.search(rf"^{re.escape(told[1])}( |$)", (ROOT / ".ci" / "run").read_text("utf-8"), re.M)


def test_links_lead_somewhere() -> None:
    for page in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/*/README.md"),
    ):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"
