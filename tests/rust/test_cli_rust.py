"""`tarscli rust` as a person uses it: mending, looking, taking back, and what it says where it cannot."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]

MOVED = 'fn main() {\n    let a = vec![1];\n    let b = a;\n    println!("{:?} {:?}", a, b);\n}\n'
MENDED = MOVED.replace("= a;", "= &a;")
LOST = 'fn main() {\n    let x = frobnicate_the_widget(1, 2);\n    println!("{}", x.spin());\n}\n'


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A folder with a lone file that a loan mends."""
    (tmp_path / "moved.rs").write_text(MOVED)
    return tmp_path


def said(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def test_fix_shows_a_proven_patch_and_writes_nothing(moved: Path, run_here: RunTarscli) -> None:
    done = run_here("rust", "fix", "moved.rs", folder=moved)
    assert "-    let b = a;\n+    let b = &a;\n" in done.stdout
    assert "E0382" in done.stderr
    assert "docs:error_codes/E0382.html" in done.stderr
    assert "Proof, in a copy: builds, 1 error before; there are no tests" in done.stderr
    assert "Nothing was written." in done.stderr
    states = [line.split()[2] for line in done.stderr.splitlines() if line.strip()[:1].isdigit()]
    assert {"sense", "plan", "probe", "propose", "validate"} <= set(states)
    assert "mend 1 move; ask memory, compiler, rules, then analyzer" in done.stderr
    assert (moved / "moved.rs").read_text() == MOVED
    listed = run_here("rust", "review", "list", folder=moved)
    assert "proposed" in listed.stdout
    patch = listed.stdout.split()[0]
    shown = run_here("rust", "review", "show", patch, folder=moved)
    assert shown.stdout == done.stdout
    assert "-    let b = &a;" in run_here("rust", "review", "show", patch, "--inverse", folder=moved).stdout
    run_here("rust", "review", "apply", patch, "--yes", folder=moved)
    assert (moved / "moved.rs").read_text() == MENDED
    assert run_here("rust", "review", "show", patch, folder=moved).stdout == done.stdout
    run_here("rust", "review", "rollback", patch, "--yes", folder=moved)
    assert (moved / "moved.rs").read_text() == MOVED


def test_apply_log_and_rollback(moved: Path, run_here: RunTarscli) -> None:
    answer = said(run_here("rust", "fix", "moved.rs", "--apply", "--explain", "--json", folder=moved))
    assert answer["schema"] == "tars.rust-fix/1"
    assert (answer["status"], answer["applied"], answer["questions"]) == ("done", True, [])
    patch, explanations = answer["patch"], answer["explanations"]
    assert isinstance(patch, dict)
    assert isinstance(explanations, list)
    assert patch["state"] == "applied"
    assert [one["target"] for one in explanations] == ["E0382"]
    assert (moved / "moved.rs").read_text() == MENDED
    diary = run_here("rust", "log", patch["id"][:8], folder=moved).stdout
    assert "::act v=1 tool=check files=" in diary
    assert "E0382" in diary
    assert diary.index("Sense") < diary.index("Propose") < diary.index("Validate") < diary.index("Remember")
    log = said(run_here("rust", "log", str(answer["episode"]), "--json", folder=moved))
    assert log["status"] == "done"
    observations = log["observations"]
    assert isinstance(observations, list)
    assert len(observations) == log["probes"] == answer["probes"]
    assert str(answer["episode"])[:8] in run_here("rust", "log", folder=moved).stdout
    assert "nobody can be asked" in run_here("rust", "rollback", patch["id"][:6], folder=moved, code=2).stderr
    back = said(run_here("rust", "rollback", patch["id"][:6], "--yes", "--json", folder=moved))
    assert (back["files"], back["state"]) == (["moved.rs"], "rolled back")
    assert (moved / "moved.rs").read_text() == MOVED
    again = run_here("rust", "rollback", patch["id"][:6], "--yes", folder=moved)
    assert "Nothing to take back" in again.stderr


def test_what_cannot_be_mended_is_told(tmp_path: Path, run_here: RunTarscli) -> None:
    (tmp_path / "lost.rs").write_text(LOST)
    done = run_here("rust", "fix", "lost.rs", "--budget", "seconds=20,probes=12", folder=tmp_path, code=1)
    assert done.stdout == ""
    text = done.stderr.partition("Not mended:")[2]
    assert "Found:\n  E0425: cannot find function `frobnicate_the_widget`" in text
    assert "(lost.rs:2:13)" in text
    assert "Tried:\n  " in text
    assert "Open questions:\n  " in text
    assert "tarscli rust log" in text
    assert (tmp_path / "lost.rs").read_text() == LOST
    (tmp_path / "moved.rs").write_text(MOVED)
    answer = said(run_here("rust", "fix", "moved.rs", "--budget", "probes=1", "--json", folder=tmp_path, code=1))
    assert "probes is used up" in str(answer["why"])
    assert answer["patch"] is None
    assert answer["questions"]


def test_nothing_to_mend(tmp_path: Path, run_here: RunTarscli) -> None:
    (tmp_path / "fine.rs").write_text("fn main() {}\n")
    assert "Nothing to mend" in run_here("rust", "fix", "fine.rs", folder=tmp_path).stderr


def test_only_the_classes_that_are_asked_for(moved: Path, run_here: RunTarscli) -> None:
    run_here("rust", "fix", "moved.rs", "--class", "syntax", folder=moved, code=1)
    run_here("rust", "fix", "moved.rs", "--class", "syntax,move", "--no-tests", "--seed", "3", folder=moved)


def test_a_changed_file_is_not_overwritten(moved: Path, run_here: RunTarscli) -> None:
    patch = run_here("rust", "fix", "moved.rs", "--json", folder=moved)
    name = str(said(patch)["patch"]["id"])[:8]  # type: ignore[index]
    (moved / "moved.rs").write_text(MOVED + "// mine\n")
    done = run_here("rust", "review", "apply", name, "--yes", folder=moved, code=1)
    assert "`moved.rs` was changed since the patch was made; nothing was written" in done.stderr
    assert (moved / "moved.rs").read_text() == MOVED + "// mine\n"


def test_equal_files_in_two_folders_are_two_patches(moved: Path, run_here: RunTarscli) -> None:
    """The store is that of the project above; each patch knows its folder."""
    (moved / ".tars").mkdir()
    ids = []
    for name in ("a", "b"):
        (moved / name).mkdir()
        (moved / name / "moved.rs").write_text(MOVED)
        answer = said(run_here("rust", "fix", f"{name}/moved.rs", "--apply", "--json", folder=moved))
        ids.append(str(answer["patch"]["id"]))  # type: ignore[index]
        assert not (moved / name / ".tars").exists()
    assert ids[0] != ids[1]
    run_here("rust", "rollback", ids[0][:8], "--yes", folder=moved / "b")
    assert [(moved / name / "moved.rs").read_text() for name in ("a", "b")] == [MOVED, MENDED]
    run_here("rust", "rollback", str(answer["episode"])[:8], "--yes", folder=moved)
    assert (moved / "b" / "moved.rs").read_text() == MOVED


def test_the_next_command_takes_back_what_was_interrupted(moved: Path, run_here: RunTarscli) -> None:
    run_here("rust", "fix", "moved.rs", folder=moved)
    program = (
        "import os, signal, sys\n"
        "from tars.ui.cli.main import main\n"
        "def killing(frame, event, argument):\n"
        "    if event == 'return': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return killing\n"
        "sys.settrace(lambda frame, *_: killing if frame.f_code.co_name == 'place_beneath' else None)\n"
        "main(sys.argv[1:])\n"
    )
    patch = run_here("rust", "review", "list", folder=moved).stdout.split()[0]
    argv = [sys.executable, "-c", program, "rust", "review", "apply", patch, "--yes"]
    assert subprocess.run(argv, cwd=moved, timeout=60, check=False).returncode == -9
    assert (moved / "moved.rs").read_text() == MENDED
    done = run_here("rust", "rollback", patch, "--yes", folder=moved)
    assert "moved.rs: put back, since a change of files had been interrupted" in done.stderr
    assert "Nothing to take back" in done.stderr
    assert (moved / "moved.rs").read_text() == MOVED
    assert "interrupted" not in run_here("rust", "review", "list", folder=moved).stderr
    run_here("rust", "review", "apply", patch, "--yes", folder=moved)
    assert (moved / "moved.rs").read_text() == MENDED


def test_a_file_that_is_changed_during_the_episode_is_not_overwritten(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """While the tests of the mended copy run, which take a while."""
    slow = "#[test]\nfn slow() {\n    std::thread::sleep(std::time::Duration::from_secs(2));\n}\n"
    (tmp_path / "moved.rs").write_text(MOVED + slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "tars.ui.cli", "rust", "fix", "moved.rs", "--apply"],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    while "check: it builds" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    (tmp_path / "moved.rs").write_text(MOVED + slow + "// mine\n")
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 1, rest
    assert "Error: `moved.rs` was changed since the patch was made; nothing was written" in rest
    assert (tmp_path / "moved.rs").read_text() == MOVED + slow + "// mine\n"


def test_features_choose_what_is_built(tmp_path: Path, run_here: RunTarscli) -> None:
    """And the golden entry of such a mend holds with them only."""
    manifest = '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n[features]\nstats = []\n'
    broken = '#[cfg(feature = "stats")]\npub fn mean(of: &[u32]) -> usize {\n    of.lenn()\n}\n'
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text(manifest)
    (tmp_path / "src" / "lib.rs").write_text(broken)
    assert "Nothing to mend" in run_here("rust", "fix", folder=tmp_path).stderr
    done = run_here("rust", "fix", "--features", "stats", "--apply", folder=tmp_path)
    assert "1 error before with --features stats" in done.stderr
    assert (tmp_path / "src" / "lib.rs").read_text() == broken.replace("lenn", "len")
    patch = run_here("rust", "review", "list", folder=tmp_path).stdout.split()[0]
    run_here("rust", "golden", "add", patch, folder=tmp_path)
    assert "fails with 1 error" in run_here("rust", "golden", "replay", folder=tmp_path).stdout
    assert "no feature `stat`" in run_here("rust", "fix", "--features", "stat", folder=tmp_path, code=2).stderr


def test_another_file_that_was_changed_meanwhile_makes_the_proof_void(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """The patch touches one file; the other one is edited while the tests run."""
    slow = "#[test]\nfn slow() {\n    std::thread::sleep(std::time::Duration::from_secs(2));\n}\n"
    (tmp_path / "moved.rs").write_text("mod other;\n" + MOVED + slow)
    (tmp_path / "other.rs").write_text("\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "tars.ui.cli", "rust", "fix", "moved.rs", "--apply"],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    while "check: it builds" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    (tmp_path / "other.rs").write_text("compile_error!();\n")
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 1, rest
    assert "other.rs was changed meanwhile" in rest
    assert (tmp_path / "moved.rs").read_text() == "mod other;\n" + MOVED + slow


def test_what_is_nobodys_to_mend_here_is_told_with_what_to_do(tmp_path: Path, run_here: RunTarscli) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n')
    (tmp_path / "src" / "lib.rs").write_text("mod made;\nmod large;\n")
    (tmp_path / "src" / "made.rs").write_text('// @generated\npub const ONE: u8 = "";\n')
    (tmp_path / "src" / "large.rs").write_text('pub const TWO: u8 = "";\n' + "// filler\n" * 110_000)
    said = run_here("rust", "fix", folder=tmp_path, code=1).stderr
    assert "(src/made.rs:2:21): it says that it is generated: mend what makes it" in said
    assert "(src/large.rs:1:21): it has more than 1 MiB, so a program wrote it: mend that" in said


def test_a_test_that_nothing_mends_is_told_with_what_it_said(tmp_path: Path, run_here: RunTarscli) -> None:
    text = '#[test]\nfn sums() {\n    assert_eq!(1 + 1, 3, "sums");\n}\n'.replace('\\"', '"')
    (tmp_path / "sums.rs").write_text(text)
    done = run_here("rust", "fix", "sums.rs", "--json", folder=tmp_path, code=1)
    (failing,) = cast(list[dict[str, object]], said(done)["failing"])
    assert (failing["name"], failing["path"], failing["line"]) == ("sums", "sums.rs", 3)
    assert "left: 2" in str(failing["text"])
    told = run_here("rust", "fix", "sums.rs", folder=tmp_path, code=1).stderr
    assert "sums fails (sums.rs:3): assertion `left == right` failed: sums; left: 2; right: 3" in told


def test_a_read_only_project_is_looked_at_without_a_record(moved: Path, run_here: RunTarscli) -> None:
    """A file stands where the store would be: as on a disk that refuses."""
    (moved / ".tars").write_text("in the way")
    done = run_here("rust", "fix", "moved.rs", folder=moved)
    assert "nothing of this will be kept" in done.stderr
    assert "tarscli rust" not in done.stderr
    assert "+    let b = &a;" in done.stdout
    run_here("rust", "fix", "moved.rs", "--apply", folder=moved, code=1)
    assert (moved / "moved.rs").read_text() == MOVED


@pytest.mark.skipif(shutil.which("git") is None, reason="`git apply` reads the diff")
def test_a_diff_in_a_pipe_is_byte_for_byte(tmp_path: Path, run_here: RunTarscli, environment: dict[str, str]) -> None:
    """Of a file with a byte order mark and Windows line ends."""
    source = b"\xef\xbb\xbf" + MOVED.replace("\n", "\r\n").encode()
    (tmp_path / "moved.rs").write_bytes(source)
    argv = [sys.executable, "-m", "tars.ui.cli", "rust", "fix", "moved.rs", "--quiet"]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=True)
    patch = run_here("rust", "review", "list", folder=tmp_path).stdout.split()[0]
    run_here("rust", "review", "apply", patch, "--yes", folder=tmp_path)
    mended = (tmp_path / "moved.rs").read_bytes()
    assert mended == source.replace(b"= a;", b"= &a;")
    (tmp_path / "moved.rs").write_bytes(source)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=done.stdout, check=True, timeout=60)
    assert (tmp_path / "moved.rs").read_bytes() == mended
