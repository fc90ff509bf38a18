"""Runs every example as its README says and compares what it makes with its `expected/` folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.runner.building.tools import detect
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import Tool

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TOOLS = {
    "clients": ("rustc", "go", "node", "esbuild", "tsc"),
    "five-languages": ("rustc", "go", "node", "esbuild"),
    "python-size": ("cargo", "node", "esbuild"),
}
VERSION_ARGUMENTS = {"go": ("version",)}

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def example(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the example that the test is about, so that nothing is written into the repository."""
    name = request.param
    for tool in TOOLS.get(name, ()):
        if detect(Tool(tool, version_arguments=VERSION_ARGUMENTS.get(tool, ("--version",)))) is None:
            pytest.skip(f"{name} needs {tool}, which is not on this machine")
    left_out = shutil.ignore_patterns("output", ".tars", "target", "__pycache__")
    return Path(shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=left_out))


def events(done: "subprocess.CompletedProcess[str]") -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def statuses(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    """How each module ended, by its name."""
    ended = [event for event in events(done) if event["event"] == "module-finished"]
    return {str(event["address"]).partition(".")[2]: event["status"] for event in ended}


def finish(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    return next(event for event in events(done) if event["event"] == "run-finished")


def as_expected(folder: Path) -> None:
    for expected in (folder / "expected").iterdir():
        made = folder / "output" / expected.name
        if expected.suffix == ".json":
            assert json.loads(made.read_text("utf-8")) == json.loads(expected.read_text("utf-8")), expected.name
        else:
            assert made.read_bytes() == expected.read_bytes(), expected.name


def test_every_example_is_tested() -> None:
    """That of plug-ins with the toolchains, by their conformance suite."""
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()} - {"plugins"}
    named = set(re.findall(r'"([a-z-]+)"\], indirect', Path(__file__).read_text("utf-8")))
    assert folders == named


@pytest.mark.parametrize("example", ["pure-python"], indirect=True)
def test_pure_python(example: Path, run_tarscli: Tarscli) -> None:
    done = run_tarscli("run", "lab.tars", "--json", folder=example)
    assert set(statuses(done).values()) == {"succeeded"}
    as_expected(example)
    records = "".join(path.read_text("utf-8") for path in (example / "output/logs").glob("*.json"))
    assert "13 of 14 readings are numbers" in records
    history = run_tarscli("history", "--json", folder=example).stdout + records
    assert "root_mean_square_error" in history
    assert set(statuses(run_tarscli("run", "lab.tars", "--json", folder=example)).values()) == {"cached"}
    changed = statuses(run_tarscli("run", "lab.tars", "--var", "year=2040", "--json", folder=example))
    assert changed == {"clean": "cached", "fit": "cached", "forecast": "succeeded"}


@pytest.mark.parametrize("example", ["five-languages"], indirect=True)
def test_five_languages(example: Path, run_tarscli: Tarscli) -> None:
    """The README's whole story: run, run again, change one agent, roll back."""
    first = run_tarscli("run", "pipeline.tars", "--json", folder=example)
    assert set(statuses(first).values()) == {"succeeded"}
    assert finish(first)["version"] == 1
    as_expected(example)

    again = run_tarscli("run", "pipeline.tars", "--json", folder=example)
    assert set(statuses(again).values()) == {"cached"}
    assert finish(again)["version"] is None

    ranking = example / "agents" / "rank.go"
    before = ranking.read_text("utf-8")
    ranking.write_text(before.replace("len(word) > 4", "len(word) > 7"), "utf-8")
    changed = run_tarscli("run", "pipeline.tars", "--json", folder=example)
    assert statuses(changed) == {
        "tokenise": "cached",
        "count": "cached",
        "rank": "succeeded",
        "report": "succeeded",
        "verdict": "succeeded",
    }
    assert finish(changed)["version"] == 2
    assert "conversations" in (example / "output/keywords.json").read_text("utf-8")

    run_tarscli("rollback", "rank@v1", "--yes", folder=example)
    assert ranking.read_text("utf-8") == before
    restored = run_tarscli("run", "pipeline.tars", "--json", folder=example)
    assert set(statuses(restored).values()) <= {"cached"}
    as_expected(example)


@pytest.mark.parametrize("example", ["clients"], indirect=True)
def test_clients(example: Path, run_tarscli: Tarscli) -> None:
    """One agent for each client: what each reports is in its record, in `logs`, in `show` and in the memory."""
    for language in ("python", "typescript", "rust", "go"):
        run_tarscli("client", language, "--out", "agents", folder=example)
    done = run_tarscli("run", "--json", folder=example)
    assert set(statuses(done).values()) == {"succeeded"}, done.stdout
    as_expected(example)
    logs = json.loads(run_tarscli("logs", "--json", folder=example).stdout)["logs"]
    told = {record["name"]: record["events"] for record in logs}
    assert told["clean"][0] == {"progress": 0.2}
    assert {"log": "line 4 is no number: 'broken'"} in told["clean"]
    assert {"metric": {"kept": 4}} in told["clean"]
    steady = {"id": "steady", "statement": "the readings are steady", "confidence": 0.9, "supports": ["lab.calibrated"]}
    assert told["summarise"] == [{"metric": {"spread": 0.75}}, {"belief": steady}]
    assert [*map(list, told["judge"])] == [["belief"], ["reflection"], ["metric"]]
    reflection = {"reflection": {"summary": "the report is written", "confidence": 0.95}}
    assert told["report"] == [reflection, {"progress": 1}]
    records = [json.loads(path.read_bytes()) for path in (example / "output/logs").glob("*.json")]
    assert {record["module"].partition(".")[2]: record["events"] for record in records} == told
    assert "line 4 is no number: 'broken'\n" in run_tarscli("logs", "clean", folder=example).stdout
    assert json.loads(run_tarscli("show", "judge", "--json", folder=example).stdout)["metrics"] == {"trust": 0.8}
    beliefs = run_tarscli("memory", "beliefs", "--json", folder=example).stdout
    assert all(f'"{name}"' in beliefs for name in ("steady", "trustworthy", "lab.calibrated"))


@pytest.mark.parametrize("example", ["python-size"], indirect=True)
def test_python_size(example: Path, run_tarscli: Tarscli, tmp_path: Path) -> None:
    run_tarscli("run", "size.tars", "--var", f"environment={sys.prefix}", folder=example)
    analysis = json.loads((example / "output/analysis.json").read_text("utf-8"))
    names = {package["name"] for package in analysis["packages"]}
    assert {"blake3", "rich", "pytest"} <= names
    by_name = {package["name"]: package for package in analysis["packages"]}
    assert "pygments" in by_name["rich"]["needs"]
    assert by_name["rich"]["bytes_with_needs"] > by_name["rich"]["bytes"] + by_name["pygments"]["bytes"] - 1
    page = (example / "output/size.html").read_text("utf-8")
    assert all(f'data-name="{name}"' in page for name in names)
    assert not re.search(r"""(src|href)\s*=|@import|url\(|https?://(?!www\.w3\.org)|fetch\(""", page)
    assert shown_in_browser(example / "output/size.html", tmp_path).count('data-name="rich"') >= 2


@pytest.mark.parametrize("example", ["evolve"], indirect=True)
def test_evolve(example: Path, run_tarscli: Tarscli) -> None:
    """The wrong metascript is mended, as the README says, and then it runs."""
    if not SANDBOXES.load("process").readiness().ready:
        pytest.skip("candidates run in a sandbox only, and there is none here")
    folder = example / "wrong"
    run_tarscli("check", "lab.tars", folder=folder, code=1)
    words = ("evolve", "lab.tars", "--metric", "findings", "--budget", "evaluations=150", "--apply")
    assert run_tarscli(*words, folder=folder).stdout.strip().endswith("-> 0")
    run_tarscli("check", "lab.tars", folder=folder)
    text = (folder / "lab.tars").read_text()
    assert 'timeout = "30s"' in text
    assert text.count("python_module ") == 4
    run_tarscli("run", "lab.tars", folder=folder)


def shown_in_browser(page: Path, folder: Path) -> str:
    """The page's document after its script ran in headless Chromium."""
    browser = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if browser is None:
        pytest.skip("the page is right, but there is no Chromium here to open it in")
    plain = {**os.environ, "HOME": str(folder)}
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=plain, check=True)
    assert 'data-ready="' in done.stdout, "the page's script did not run to its end"
    return done.stdout
