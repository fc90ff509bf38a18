"""`tarscli rollback` and `tarscli prune` tell the truth: after a kill, over unsaved edits, with folders in the way."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.values import Digest
from tars.store import Leaf, ModuleState, open_store
from tars.store.versions import append_version

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_a_killed_rollback_is_put_back_before_the_next_is_planned(
    project: Path, run_tarscli: RunTarscli, kill_between_files: Callable[..., None]
) -> None:
    first = project / "first.py"
    old = first.read_bytes()
    first.write_bytes(old + b"# changed\n")
    run_tarscli("run", "--sandbox", "none", folder=project)
    kill_between_files("from tars.ui.cli.main import main; main(['rollback', 'v1', '--yes'])", folder=project)
    assert first.read_bytes() == old
    done = run_tarscli("rollback", "first@v1", "--yes", folder=project)
    assert "first.py: put back, since a change of files had been interrupted" in done.stderr
    assert "1 file changed, as v4" in done.stderr
    run_tarscli("run", "--sandbox", "none", folder=project)
    assert first.read_bytes() == old


def test_unsaved_edits_come_back_by_the_command_that_is_named(project: Path, run_tarscli: RunTarscli) -> None:
    edited = (project / "second.py").read_bytes() + b"# of no version\n"
    (project / "second.py").write_bytes(edited)
    done = run_tarscli("rollback", "second@v1", "--yes", folder=project)
    assert "as v4. `tarscli rollback second@v3` takes it back" in done.stderr
    assert "work tree before rollback to second@v1" in run_tarscli("versions", folder=project).stdout
    assert "# of no version" in run_tarscli("diff", "v2", "v3", folder=project).stdout
    copies = project / "output" / "versions"
    assert (copies / "v3/agents/second/source/second.py").read_bytes() == edited
    answer = json.loads(run_tarscli("rollback", "second@v3", "--yes", "--json", folder=project).stdout)
    assert (answer["version"], answer["undo"]) == (5, "second@v4")
    assert (project / "second.py").read_bytes() == edited
    run_tarscli("run", "--sandbox", "none", folder=project)
    assert run_tarscli("store", "verify", folder=project).returncode == 0


@pytest.mark.parametrize("verb", [("rollback", "second@v1", "--yes"), ("prune", "--keep", "1")])
def test_what_is_done_is_told_though_the_folder_of_the_version_cannot_be(
    verb: tuple[str, ...], project: Path, run_tarscli: RunTarscli
) -> None:
    shutil.rmtree(project / "output" / "versions")
    if verb[0] == "rollback":
        (project / "output" / "versions").write_text("a file")
    else:
        (project / "output" / "versions").mkdir()
        (project / "output" / "versions" / "v1").write_text("a file")
    done = run_tarscli(*verb, "--json", folder=project)
    answer = json.loads(done.stdout)
    assert answer.get("version") == 3 if verb[0] == "rollback" else answer["pruned"] == [1]
    assert "Warning:" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names")
def test_each_file_is_a_line_of_its_own(project: Path, run_tarscli: RunTarscli) -> None:
    forged = "a.py\nkeep     second.py"
    with open_store(project / ".tars") as store:
        data = b"# in v3 only\n"
        source = store.objects.put_tree({forged: Leaf(store.objects.put(data), False, len(data))})
        nothing = Digest("")
        with store.transaction() as transaction:
            append_version(transaction, [ModuleState("a", "python", "python_module.a", source, nothing, nothing)])
    (project / "second.py").write_text("# changed\n")
    assert run_tarscli("rollback", "v3", folder=project, code=2).stdout == (
        "add      a.py\\nkeep     second.py\nreplace  second.py\n"
    )
    assert "a.py\\nkeep     second.py  " in run_tarscli("show", "a", folder=project).stdout


@pytest.mark.parametrize("word", [f"v{'9' * 5000}", f"second@v{'9' * 5000}", "second", "v"])
def test_what_is_no_version_is_refused_in_words(word: str, project: Path, run_tarscli: RunTarscli) -> None:
    assert "names no version" in run_tarscli("rollback", word, folder=project, code=2).stderr


PINNED = {
    "by a variable": {"q.tars": 'variable "n" {\n  default = "1"\n}\nuse_python_module = "second@v${var.n}"\n'},
    "in a list": {"q.tars": 'use_python_module = ["second@v1"]\n'},
    "by one with errors": {"q.tars": 'use_python_module = ["second@v1"]\nnonsense = {\n'},
    "where one is included that has errors": {
        "q.tars": 'include {\n  path = "deep/r.tars"\n}\nnonsense = {\n',
        "deep/r.tars": 'use_python_module = "second@v1"\n',
    },
}


@pytest.mark.parametrize("case", PINNED)
def test_prune_keeps_what_is_pinned(case: str, project: Path, run_tarscli: RunTarscli) -> None:
    write(project, PINNED[case])
    assert "nothing to let go of" in run_tarscli("prune", "--keep", "1", folder=project).stderr
    run_tarscli("gc", "--grace", "0", folder=project)
    run_tarscli("show", "second@v1", "--file", "second.py", folder=project)


def test_prune_keeps_what_an_included_metascript_pins(fresh: Path, run_tarscli: RunTarscli) -> None:
    (fresh / "pipeline.tars").rename(fresh / "q.part")
    (fresh / "main.tars").write_text('include {\n  path = "q.part"\n  as   = "q"\n}\n')
    run_tarscli("run", "--sandbox", "none", folder=fresh)
    (fresh / "second.py").write_text((fresh / "second.py").read_text() + "# changed\n")
    run_tarscli("run", "--sandbox", "none", folder=fresh)
    (fresh / "q.part").write_text('use_python_module = "second@v1"\n' + (fresh / "q.part").read_text())
    assert "nothing to let go of" in run_tarscli("prune", "--keep", "1", folder=fresh).stderr
    run_tarscli("show", "q.second@v1", folder=fresh)


def test_prune_asks_the_metascripts_that_were_run(project: Path, run_tarscli: RunTarscli) -> None:
    text = 'use_python_module = "second@v1"\nsettings {\n  retention = 1\n  output    = "deep/out"\n}\n'
    write(project, {"deep/q.tars": text})
    run_tarscli("run", "deep/q.tars", "--sandbox", "none", folder=project)
    (project / "pipeline.tars").unlink()
    done = run_tarscli("prune", "--json", folder=project)
    assert json.loads(done.stdout)["pruned"] == [2]
    run_tarscli("show", "second@v1", folder=project)


def test_prune_refuses_where_a_pin_cannot_be_known(project: Path, run_tarscli: RunTarscli) -> None:
    write(project, {"q.tars": 'variable "n" {}\nuse_python_module = "second@v${var.n}"\n'})
    done = run_tarscli("prune", "--keep", "1", folder=project, code=2)
    assert "which version it pins" in done.stderr
    run_tarscli("show", "second@v1", folder=project)
