"""`tarscli evolve` from outside: a session, its lineage, the version, the way back; and what it says to bad input."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[1] / "infer" / "misbehaving_server.py"
Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]
BUDGET = "evaluations=16"


def answer(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_session_from_the_target_to_a_version_and_back(project: Path, run_tarscli: Tarscli) -> None:
    before = (project / "target.py").read_text()
    words = ("evolve", "target.py", "--metric", "metric.py", "--budget", BUDGET, "--seed", "3", "--json")
    came = answer(run_tarscli(*words, folder=project))
    assert came["evaluations"] == 16
    assert isinstance(came["score"], float)
    assert isinstance(came["before"], float)
    assert came["score"] > came["before"]
    assert (project / "target.py").read_text() == before, "nothing is applied without a yes"

    log = answer(run_tarscli("evolve", "log", "--all", "--json", folder=project))
    assert len(log["candidates"]) == 16  # type: ignore[arg-type]
    shown = answer(run_tarscli("evolve", "show", "--json", folder=project))
    assert shown["number"] == came["accepted"]
    assert any("held-out" in str(gate) for gate in shown["gates"])  # type: ignore[attr-defined]
    assert "+PLACE" in run_tarscli("evolve", "diff", folder=project).stdout
    assert "accepted" in run_tarscli("evolve", "tree", folder=project).stdout
    run_tarscli("evolve", "tree", "--output", "lineage.html", folder=project)
    page = (project / "lineage.html").read_text()
    assert "<svg" in page
    assert page.count(f"{came['before']:.6g}") >= 2, "the version before has its place and its row"
    assert page.count("<h1>") == 0, "the title stands in the picture"
    assert "src=" not in page

    review = answer(run_tarscli("evolve", "review", "--accept", "--json", folder=project))
    assert review["version"] == 2
    after = (project / "target.py").read_text()
    assert after != before
    assert "waits" in answer(run_tarscli("evolve", "review", "--json", folder=project))
    run_tarscli("rollback", "target@v1", "--yes", folder=project)
    assert (project / "target.py").read_text() == before
    run_tarscli("rollback", "target@v2", "--yes", folder=project)
    assert (project / "target.py").read_text() == after

    again = answer(run_tarscli(*words[:-1], "--jobs", "1", "--json", folder=project, code=None))
    assert again["before"] != came["before"], "it begins from the version that was let in"


def test_a_metric_that_was_changed_lets_nothing_in(project: Path, run_tarscli: Tarscli) -> None:
    run_tarscli("evolve", "target.py", "--metric", "metric.py", "--budget", BUDGET, folder=project)
    before = (project / "target.py").read_text()
    (project / "metric.py").write_text("def score(case, answer): return 1\n")
    refused = run_tarscli("evolve", "review", "--accept", folder=project, code=1)
    assert "was changed since" in refused.stderr
    assert (project / "target.py").read_text() == before


def test_rules_of_the_user_are_held(project: Path, run_tarscli: Tarscli) -> None:
    (project / "rules.py").write_text(
        "def check(before, after):\n    return [] if 'KIND = \"low\"' in after else ['the kind stays']\n"
    )
    words = (
        "evolve",
        "target.py",
        "--metric",
        "metric.py",
        "--budget",
        "evaluations=24",
        "--rules",
        "rules.py",
        "--json",
    )
    came = answer(run_tarscli(*words, folder=project, code=None))
    assert came["refused"], came
    log = answer(run_tarscli("evolve", "log", "--all", "--json", folder=project))
    kinds = [op for one in log["candidates"] for op in one["patch"] if op.get("choice") == "high"]  # type: ignore[attr-defined]
    assert not kinds


def test_bad_input_is_answered_with_a_hint(project: Path, run_tarscli: Tarscli) -> None:
    (project / "plain.py").write_text("x = 1\n")
    (project / "broken.py").write_text(f"{(project / 'target.py').read_text()}\nraise ValueError('no')\n")
    (project / "nothing.py").write_text("x = 1\n")
    (project / "main.tars").write_text('python_module "x" {\n  source = "plain.py"\n}\n')
    (project / "huge.py").write_text('ENTRY = "find"\n\n\ndef score(case, answer):\n    raise OSError("no")\n')
    for words, said, code in (
        ((), "the target is missing", 2),
        (("target.py",), "say what is to be improved", 2),
        (("targit.py", "--metric", "metric.py"), "did you mean", 2),
        (("target.py", "--metric", "metrik.py"), "there is no metric", 2),
        (("target.py", "--metric", "nothing.py"), "defines no function `score`", 2),
        (("plain.py", "--metric", "metric.py"), "declares nothing", 2),
        (("broken.py", "--metric", "metric.py"), "the version before fails itself", 1),
        (("target.py", "--metric", "metric.py", "--budget", "coins=3"), "a budget has", 2),
        (("target.py", "--metric", "metric.py", "--versions", "9", "--apply"), "at most 3 versions", 2),
        (("target.py", "--metric", "metric.py", "--goal", "nan"), "finite number", 2),
        (("target.py", "--metric", "metric.py", "--jobs", "99"), "--jobs is 1 to 8", 2),
        (("target.py", "--metric", "huge.py"), "`score` of `huge.py` failed", 1),
        (("target.py", "--metric", "metric.py", "--model", "openai:m@http://example.com/v1"), "another machine", 2),
        (("target.py", "--metric", "metric.py", "--model", "openai:m", "--replay", "none"), "transcript", 1),
        (("target.py", "--metric", "metric.py", "--resume"), "was interrupted", 2),
        (("target.py", "--metric", "metric.py", "--reads", "."), "could read the metric", 2),
        (("target.py", "--metric", "metric.py", "--producers", "nope"), "there is no", 2),
        (("target.py", "--metric", "metric.py", "--keep", "foo"), "the figure `foo`, which is to be held, is not", 2),
        (("target.py", "--metric", "metric.py", "--reads", "nope"), "`nope` is not a folder", 2),
        (("target.py", "--metric", "metric.py", "--budget", "evaluations"), "`evaluations` has no number", 2),
        (("main.tars", "--metric", "findings", "--entry", "foo"), "--entry is for sources", 2),
        (("main.tars", "--metric", "findings", "--files", "x"), "--files is for sources", 2),
        (("show", "99"), "session", 2),
        (("tree", "--output", "x.png"), "neither .svg nor .html", 2),
    ):
        done = run_tarscli("evolve", *words, folder=project, code=code)
        assert said in done.stderr, f"{words}: {done.stderr}"
        assert "Hint:" in done.stderr
        assert "Traceback" not in done.stderr
    assert "not ended" not in run_tarscli("evolve", "log", folder=project).stdout


def test_a_lineage_of_what_is_to_become_smaller(project: Path, run_tarscli: Tarscli) -> None:
    """The best lie above, and only what is better than the version before is said to lead somewhere."""
    metric = 'DIRECTION = "minimize"\nENTRY = "find"\n\n\ndef score(case, answer):\n    return answer["place"]\n'
    (project / "metric.py").write_text(metric)
    (project / "target.py").write_text((project / "target.py").read_text().replace("PLACE = 1.0", "PLACE = 0.5"))
    words = ("evolve", "target.py", "--metric", "metric.py", "--budget", BUDGET, "--goal", "0", "--json")
    came = answer(run_tarscli(*words, folder=project))
    assert came["before"] == 0.5
    tree = answer(run_tarscli("evolve", "tree", "--json", folder=project))
    assert tree["nodes"][0]["score"] == 0.5  # type: ignore[index]
    led = {one["parent"] for one in tree["nodes"]}  # type: ignore[attr-defined]
    for one in tree["nodes"]:  # type: ignore[attr-defined]
        assert one["parent"] != 0 or one["number"] in led or one["score"] < 0.5, "it is better, or leads to what is"
    run_tarscli("evolve", "tree", "--output", "lineage.svg", folder=project)
    drawn = (project / "lineage.svg").read_text()
    heights = {int(number): float(y) for y, number in re.findall(r'cy="([0-9.]+)"[^>]*><title>([0-9]+) ', drawn)}
    assert heights[int(str(came["accepted"]))] < heights[0] < 420 - 40 + 1, "the higher, the smaller `cy`"
    told = [run_tarscli("evolve", *act, folder=project).stdout for act in (("log", "--all"), ("tree", "--all"))]
    assert not re.search(r"\s-0\b(?!\.)", "".join(told)), told
    run_tarscli("evolve", "review", "--accept", folder=project)
    assert "Nothing waits" in run_tarscli("evolve", "review", "--accept", folder=project, code=1).stderr
    run_tarscli("evolve", "review", folder=project)


def test_old_evolutions_are_let_go_of(project: Path, run_tarscli: Tarscli) -> None:
    words = ("evolve", "target.py", "--metric", "metric.py", "--budget", "evaluations=12", "--json")
    old, _ = (answer(run_tarscli(*words, "--seed", seed, folder=project, code=None)) for seed in ("1", "2"))
    assert answer(run_tarscli("evolve", "prune", "--json", folder=project)) == {
        "schema": "tars.evolve-prune/1", "pruned": [], "candidates": 0,
    }  # fmt: skip
    found = answer(run_tarscli("evolve", "prune", "--keep", "1", "--json", folder=project))
    assert found["pruned"] == [old["session"]]
    removed = answer(run_tarscli("gc", "--grace", "0", "--json", folder=project))
    assert removed["objects"]
    session = ("--session", str(old["session"]))
    log = answer(run_tarscli("evolve", "log", *session, "--json", folder=project))
    scores = [one["score"] for one in log["candidates"]]  # type: ignore[attr-defined]
    assert len(scores) == 12, "the figures stay"
    assert "+" in run_tarscli("evolve", "diff", *session, folder=project).stdout, "so does what passed every gate"
    gone = next(n for n in range(1, 13) if n != old["accepted"])
    refused = run_tarscli("evolve", "diff", str(gone), *session, folder=project, code=None)
    assert "was let go of" in refused.stderr or refused.returncode == 0
    run_tarscli("evolve", "prune", "--keep", "1", folder=project)
    run_tarscli("store", "verify", folder=project)


def test_what_is_said_to_a_model_is_kept_where_asked(project: Path, run_tarscli: Tarscli) -> None:
    httpx = pytest.importorskip("httpx", reason="needs the extra `model`")
    words = ("evolve", "target.py", "--metric", "metric.py", "--budget", "evaluations=4", "--transcript", "said.jsonl")
    assert "--transcript is for --model only" in run_tarscli(*words, folder=project, code=2).stderr
    assert "--remote is for --model only" in run_tarscli(*words[:4], "--remote", folder=project, code=2).stderr
    process = subprocess.Popen([sys.executable, "-I", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    server = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    words = (*words, "--model", f"ollama:small@{server}/told/answer", "--producers", "model")
    helpful = [{"op": "set", "parameter": "PLACE", "value": 7.5, "mood": "fine"}]
    try:
        httpx.post(f"{server}/tell/answer", json={"ops": helpful}, trust_env=False)
        done = run_tarscli(*words, "--json", folder=project)
        httpx.post(f"{server}/tell/answer", json={"ops": [{"op": "set", "parameter": "PLASE"}]}, trust_env=False)
        refused = run_tarscli(*words[:6], *words[8:], folder=project, code=None)
    finally:
        process.stdin.close()
        process.wait(timeout=10)
    said = [json.loads(line) for line in (project / "said.jsonl").read_text().splitlines()]
    assert said
    assert all({"asked", "chunks", "error"} == set(line) for line in said)
    assert "PLACE" in json.dumps(said[0]["asked"]), "the program that is to be changed was shown"
    assert "operation 1: `set` has no field `mood`; it was dropped" in str(answer(done)["told"])
    assert "an answer was of no use: operation 1: `set` lacks `value`" in refused.stderr
    replayed = (*words[:6], *words[8:], "--replay", "said.jsonl", "--json")
    again = answer(run_tarscli(*replayed, folder=project))
    assert again["score"] == answer(done)["score"] == 100, "the server is gone, and its answers are there"


@pytest.mark.slow
def test_a_full_disk_loses_nothing_and_is_gone_on_from(project: Path, run_tarscli: Tarscli) -> None:
    small = project / "small"
    small.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(small))
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    words = ("evolve", "target.py", "--metric", "metric.py", "--budget", "evaluations=150", "--json")
    try:
        for folder in (small, project / "roomy"):
            folder.mkdir(exist_ok=True)
            for name in ("target.py", "metric.py"):
                (folder / name).write_bytes((project / name).read_bytes())
        full = run_tarscli(*words, folder=small, code=1)
        assert "no space left" in full.stderr.lower()
        assert "go on with `--resume`" in full.stderr
        assert answer(run_tarscli("evolve", "log", "--all", "--json", folder=small))["candidates"]
        subprocess.run(("mount", "-o", "remount,size=40m", str(small)), check=True)
        resumed = answer(run_tarscli(*words, "--resume", folder=small))
        straight = answer(run_tarscli(*words, folder=project / "roomy"))
        for name in ("accepted", "score", "evaluations", "shares"):
            assert resumed[name] == straight[name]
    finally:
        subprocess.run(("umount", "-l", str(small)), check=True)


def test_what_fails_before_it_begins_is_not_gone_on_with(project: Path, run_tarscli: Tarscli) -> None:
    (project / "metric.py").write_text('ENTRY = "find"\n\n\ndef score(case, answer):\n    return 10**400\n')
    refused = run_tarscli("evolve", "target.py", "--metric", "metric.py", folder=project, code=1)
    assert "the version before fails itself (refused): `score` of `metric.py` returned 1000" in refused.stderr
    log = answer(run_tarscli("evolve", "log", "--json", folder=project))
    assert "fails itself" in str(log["sessions"])
    resumed = run_tarscli("evolve", "target.py", "--metric", "metric.py", "--resume", folder=project, code=2)
    assert "was interrupted" in resumed.stderr
