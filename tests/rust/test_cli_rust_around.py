"""`tarscli rust` around the mending: explaining, branches, models, mutants, evaluation, and wrong words."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]

MOVED = 'fn main() {\n    let a = vec![1];\n    let b = a;\n    println!("{:?} {:?}", a, b);\n}\n'
MENDED = MOVED.replace("= a;", "= &a;")
LOST = 'fn main() {\n    let x = frobnicate_the_widget(1, 2);\n    println!("{}", x.spin());\n}\n'


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A folder with a lone file that a clone mends."""
    (tmp_path / "moved.rs").write_text(MOVED)
    return tmp_path


def said(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


WRONG = [
    ("fix nowhere.rs", "there is no", "name a crate's folder"),
    ("fix moved.rs --class brrow", "there is no class of diagnostics `brrow`", "did you mean `borrow`?"),
    ("fix moved.rs --allow unsaf", "there is no guard `unsaf`", "did you mean `unsafe`?"),
    ("fix moved.rs --budget probes", "`probes` is no part of a budget", "--help"),
    ("fix moved.rs --budget probes=0", "a number above 0", "--help"),
    ("fix moved.rs --pr --apply", "--pr and --apply exclude each other", "--pr leaves"),
    ("fix moved.rs --project other", "is not in the project", "--project names a folder that holds it"),
    ("fix moved.rs --remote", "--remote is for --model only", "name a model"),
    ("fix moved.rs --transcript x", "--transcript is for --model only", "name a model"),
    ("fix moved.rs --features fast", "a lone file has no features", "name a crate"),
    ("mutate moved.rs --failing --no-tests", "--failing and --no-tests exclude each other", "leave out --no-tests"),
    ("fix moved.rs --model olama:x", "there is no engine `olama`", "did you mean `ollama`?"),
    ("fix moved.rs --model ollama", "names no model", "as ollama:"),
    ("fix moved.rs --model ollama:x@http://10.9.8.7:1", "10.9.8.7", "127.0.0.1"),
    ("review list abcd", "takes no ID", "`tarscli rust review list` has them"),
    ("review list --yes", "--yes is for `apply` and `rollback` only", "leave it out"),
    ("review show abcd --yes", "--yes is for `apply` and `rollback` only", "leave it out"),
    ("review apply abcd --inverse", "--inverse is for `show` only", "`tarscli rust review show ID --inverse`"),
    ("review show abcd", "there is no patch `abcd`", "nothing was mended here yet"),
    ("log abcd", "there is no episode or patch that begins with `abcd`", "`tarscli rust fix` makes one"),
    ("golden add", "needs one episode or patch", "`tarscli rust log` lists them"),
    ("golden replay abcd", "no golden entry begins with `abcd`", "`tarscli rust golden add`"),
    ("golden validate --out x", "--out and --reflection are for `add` only", "golden add ID"),
    ("mutate moved.rs --kinds drop_barce", "there is no mutation `drop_barce`", "did you mean `drop_brace`?"),
    ("eval nowhere", "there is no set of cases `nowhere`", "name a folder of cases"),
    ("eval other --only tasr", "there is no fixer `tasr`", "known: tars"),
    ("learn nowhere.json", "cannot read `nowhere.json`", "check the path"),
    ("learn", "there is no canary set", "tarscli rust golden add ID"),
    ("explain frob/nicate", "is no error code, lint or place", "as E0382"),
    ("explain E9999", "has no error code E9999", ""),
]


@pytest.mark.parametrize(("words", "message", "hint"), WRONG, ids=[words for words, _, _ in WRONG])
def test_wrong_words(words: str, message: str, hint: str, moved: Path, run_here: RunTarscli) -> None:
    (moved / ".tars").mkdir()
    (moved / "other").mkdir()
    done = run_here("rust", *words.split(), folder=moved, code=2)
    lines = done.stderr.splitlines()
    assert lines[0].startswith("Error: ")
    assert message in lines[0]
    assert hint in lines[1]
    assert len(lines) == 2


@pytest.mark.skipif(shutil.which("git") is None, reason="a branch needs git")
def test_a_branch_with_the_patch(moved: Path, run_here: RunTarscli) -> None:
    def git(*words: str) -> str:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        return subprocess.run(
            ["git", *identity, *words],
            cwd=moved,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    assert "is in no git repository" in run_here("rust", "fix", "moved.rs", "--pr", folder=moved, code=2).stderr
    git("init", "-q", "-b", "main")
    git("config", "user.name", "n")
    git("config", "user.email", "e@example.org")
    (moved / "other.txt").write_text("one\n")
    git("add", "moved.rs", "other.txt")
    git("commit", "-q", "-m", "first")
    (moved / "other.txt").write_text("not committed\n")
    status = git("status", "--porcelain")
    (moved / ".git" / "evil").write_text("#!/bin/sh\ntouch run\nexit 1\n")
    (moved / ".git" / "evil").chmod(0o755)
    shutil.copy(moved / ".git" / "evil", moved / ".git" / "hooks" / "reference-transaction")
    (moved / ".git" / "config").open("a").write("[core]\n\tfsmonitor = .git/evil\n")
    answer = said(run_here("rust", "fix", "moved.rs", "--pr", "--json", folder=moved))
    branch = answer["branch"]
    assert isinstance(branch, dict)
    assert answer["applied"] is False
    assert not (moved / "run").exists(), "what the repository names was run"
    (moved / ".git" / "hooks" / "reference-transaction").unlink()
    git("config", "--unset", "core.fsmonitor")
    assert git("status", "--porcelain") == status
    assert git("branch", "--show-current") == "main\n"
    assert (moved / "moved.rs").read_text() == MOVED
    assert git("show", f"{branch['name']}:moved.rs") == MENDED
    assert git("diff", "--stat", "main", branch["name"]).splitlines()[0].startswith(" moved.rs")
    assert git("show", f"{branch['name']}:other.txt") == "one\n"
    assert "E0382" in git("log", "-1", "--format=%B", branch["name"])
    text = Path(branch["description"]).read_text()
    assert text.startswith("# Mend E0382 in moved.rs")
    assert "+    let b = &a;" in text
    assert "already" in run_here("rust", "fix", "moved.rs", "--pr", folder=moved, code=2).stderr
    git("branch", "-q", "-D", branch["name"])
    (moved / "moved.rs").write_text(MOVED + "// not committed\n")
    done = run_here("rust", "fix", "moved.rs", "--pr", folder=moved, code=1)
    assert "`moved.rs` has changes that are not committed" in done.stderr
    assert git("branch", "--list", "tars/*") == ""


def test_index_and_graph(moved: Path, run_here: RunTarscli) -> None:
    (moved / "shapes.rs").write_text(
        "#[derive(Debug)]\npub struct Circle { pub r: f64 }\nimpl Circle { pub fn area(&self) -> f64 { self.r } }\n"
    )
    report = said(run_here("rust", "index", "shapes.rs", "--json", folder=moved))["index"]
    assert isinstance(report, dict)
    assert report["files"] == 1
    assert report["items"]["struct"] == 1
    text = run_here("rust", "graph", "Circle", "--in", "shapes.rs", folder=moved).stdout
    assert "pub struct Circle" in text
    assert "fn area(&self) -> f64" in text
    assert "implements Debug" in text
    done = run_here("rust", "graph", "Circel", "--in", "shapes.rs", folder=moved, code=1)
    assert "Circle" in done.stderr


def test_explain(moved: Path, run_here: RunTarscli) -> None:
    text = run_here("rust", "explain", "moved.rs:4", folder=moved).stdout
    assert text.startswith("E0382: ")
    assert "docs:error_codes/E0382.html" in text
    assert "moved.rs:4" in text
    assert "finds nothing" in run_here("rust", "explain", "moved.rs:1", folder=moved).stderr


def test_a_model_adds_proposals(tmp_path: Path, run_here: RunTarscli) -> None:
    """A server on loopback that answers as a chat model does: what nothing else mends is mended, and proven as ever."""
    (tmp_path / "lost.rs").write_text('fn main() {\n    let x: u32 = read_number("12");\n    drop(x);\n}\n')
    run_here("rust", "fix", "lost.rs", folder=tmp_path, code=1)
    server = Path(__file__).parents[1] / "infer" / "misbehaving_server.py"
    process = subprocess.Popen([sys.executable, "-I", server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    edits = [{"path": "lost.rs", "old": 'read_number("12")', "new": '"12".parse().unwrap()'}]
    fixes = {"fixes": [{"reason": "read it as a number", "confidence": 0.9, "edits": edits}]}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(f"{address}/tell/lost", json.dumps(fixes).encode()), timeout=10).close()
    model = f"ollama:small@{address}/told/lost"
    done = run_here("rust", "fix", "lost.rs", "--model", model, folder=tmp_path, code=None)
    process.stdin.close()
    process.wait(timeout=10)
    diary = run_here("rust", "log", run_here("rust", "log", folder=tmp_path).stdout[:8], folder=tmp_path).stdout
    assert "::act v=1 tool=model" in diary
    assert "answered" in done.stderr
    assert "read it as a number" in done.stderr
    assert done.returncode == 0, done.stderr
    assert '+    let x: u32 = "12".parse().unwrap();' in done.stdout


TWICE = "pub fn twice(x: u32) -> u32 {\n    let y = x * 2;\n    y\n}\n"


def test_mutants(tmp_path: Path, run_here: RunTarscli) -> None:
    (tmp_path / "twice.rs").write_text(TWICE)
    words = ("rust", "mutate", "twice.rs", "-n", "3", "--seed", "5", "--no-tests")
    answer = said(run_here(*words, "--json", folder=tmp_path))
    mutants = answer["mutants"]
    assert isinstance(mutants, list)
    assert [one["number"] for one in mutants] == [1, 2, 3]
    assert all(one["codes"] and one["breaks"]["files"] for one in mutants)
    assert said(run_here(*words, "--json", folder=tmp_path))["mutants"] == mutants
    done = run_here(*words, "--kinds", "drop_brace", "--out", "broken", folder=tmp_path)
    diffs = sorted((tmp_path / "broken").iterdir())
    assert diffs[0].name == "001-drop_brace.diff"
    assert diffs[0].read_text().startswith("--- a/twice.rs\n")
    assert done.stdout.count("\n") == len(diffs)
    assert "is not an empty folder" in run_here(*words, "--out", "broken", folder=tmp_path, code=2).stderr
    assert "drop_brace" in run_here("rust", "mutate", "--list", folder=tmp_path).stdout
    assert (tmp_path / "twice.rs").read_text() == TWICE


def test_evaluation(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    """In a process of its own, since it starts others."""
    for name, text in (("moved", MOVED), ("lost", LOST)):
        (tmp_path / "cases" / name).mkdir(parents=True)
        (tmp_path / "cases" / name / "broken.rs").write_text(text)
    (tmp_path / "cases" / "moved" / "fixed.rs").write_text(MENDED)
    words = ("rust", "eval", "cases", "--only", "tars", "--jobs", "1", "--budget", "seconds=10", "--kept", "kept.jsonl")
    done = run_tarscli(*words, folder=tmp_path)
    assert "1 (50%)" in done.stdout
    for column in ("cases", "mended", "tests pass", "exact", "lines", "probes", "seconds", "p95", "anchors", "sure"):
        assert done.stdout.count(column) >= 2, "of all cases, and by class"
    by_class = done.stdout.partition("By class of the first error:")[2]
    assert [line.split()[0] for line in by_class.splitlines() if " tars " in line] == ["move", "resolve"]
    calibration = done.stdout.partition("Calibration, by how sure it was and by class:")[2].splitlines()
    assert [line.split()[0] for line in calibration if line.strip()][2:] == ["move", "all"]
    assert "2/2" in done.stderr
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 2
    answer = said(run_tarscli(*words, "--cases", "moved", "--json", folder=tmp_path))
    fixers = answer["fixers"]
    assert isinstance(fixers, dict)
    assert (fixers["tars"]["all"]["cases"], fixers["tars"]["all"]["exact"]) == (1, 1)
