"""What stands where outputs go: a user's file is kept before it is replaced, and no result is mixed with another's."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tars.core.removal import remove_tree
from tars.runner.events import Notice, Status
from tars.store import open_store

RAN, CACHED, FAILED = Status.SUCCEEDED, Status.CACHED, Status.FAILED


def brought_back(project: Any, ran: Any, path: str) -> str:
    """Does what the notice says brings the file back; its text."""
    (hint,) = [event.hint for event in ran.events if isinstance(event, Notice) and event.message.startswith(path)]
    command = hint.split("`")[1]
    subprocess.run(shlex.split(command), cwd=project.root, check=True)
    return str(project.read(path))


@pytest.mark.parametrize("when", ["before the first run", "before another run", "before it is restored"])
def test_a_file_that_tars_did_not_write_is_kept_before_it_is_replaced(project: Any, when: str) -> None:
    project.script("a", "echo made > notes.md", output='"notes.md"')
    if when != "before the first run":
        project.run()
    if when == "before another run":
        project.write("agents/a.sh", "#!/bin/sh\necho otherwise > notes.md\n")
    project.write("notes.md", "PRECIOUS\n")
    ran = project.run()
    assert ran.statuses == {"a": CACHED if when == "before it is restored" else RAN}
    assert project.read("notes.md") == ("otherwise\n" if when == "before another run" else "made\n")
    with open_store(project.root / ".tars") as store:
        entry = store.latest("work-tree", subject="executable_module.a")
        assert entry is not None, "gc keeps what an entry names"
        assert [store.objects.get(leaf.digest) for leaf in store.objects.tree(entry.body["trees"][0]).values()] == [
            b"PRECIOUS\n"
        ]
    assert brought_back(project, ran, "notes.md") == "PRECIOUS\n"


def test_an_artifact_is_not_put_over_a_users_file_either(project: Any) -> None:
    project.write("agent.rs", "fn main() {}\n")
    project.write("main.tars", 'rust_module "agent" {\n  source = "agent.rs"\n  artifact = "bin/agent"\n}\n')
    project.write("bin/agent", "PRECIOUS\n")
    ran = project.run()
    assert ran.statuses == {"agent": RAN}
    assert (project.root / "bin/agent").read_bytes()[:4] != b"PREC"
    assert brought_back(project, ran, "bin/agent") == "PRECIOUS\n"


def test_what_tars_itself_wrote_is_replaced_without_a_word(project: Any) -> None:
    project.script("a", "echo $N > output/a.txt", output='"output/a.txt"', env='{ N = "1" }')
    for number in (1, 2, 3):
        assert project.run().notices == []
        project.replace(f'N = "{number}"', f'N = "{number + 1}"')
    remove_tree(project.root / ".tars/cache")
    assert project.run().notices == []
    project.write("output/a.txt", "4\n")
    assert project.run(force=True).notices == [], "the very same text"
    with open_store(project.root / ".tars") as store:
        assert store.latest("work-tree") is None


def names(project: Any, text: str, **more: Any) -> tuple[Any, str]:
    """Runs the module that makes a file of each name, and the one that lists them; what the latter wrote."""
    project.write("names.txt", text)
    ran = project.run(**more)
    return ran, " ".join(project.read("output/b.txt").split())


@pytest.fixture
def folders(project: Any) -> Any:
    make = """
        mkdir -p $TARS_OUTPUT; cd $TARS_OUTPUT
        for n in $(cat $TARS_INPUT); do mkdir -p $(dirname $n); echo > $n; done
    """
    project.script("a", make, input='"names.txt"', output='"output/d"')
    project.script(
        "b",
        "cd $TARS_INPUT && find . -type f | sort > $TARS_OUTPUT",
        input="agent_module.a.output",
        output='"output/b.txt"',
    )
    return project


def test_a_folder_holds_the_last_result_and_no_earlier_one(folders: Any) -> None:
    assert names(folders, "x y")[1] == "./x ./y"
    assert names(folders, "x in/z")[1] == "./in/z ./x"
    ran, listed = names(folders, "x y")
    assert (ran.statuses, listed) == ({"a": CACHED, "b": CACHED}, "./x ./y")
    assert not (folders.root / "output/d/in").exists()
    assert names(folders, "x w")[1] == "./w ./x", "also what was restored is an earlier result"
    assert names(folders, "")[1] == ""
    assert names(folders, "in")[1] == "./in", "what was a folder may be a file"


def test_only_what_tars_delivered_is_removed_from_a_folder(folders: Any) -> None:
    names(folders, "x y")
    folders.write("output/d/mine", "mine")
    folders.write("output/d/y", "edited")
    assert names(folders, "x")[1] == "./mine ./x ./y"
    assert folders.read("output/d/y") == "edited"
    assert names(folders, "y")[1] == "./mine ./y"


def test_an_empty_folder_is_an_output_too(folders: Any) -> None:
    ran, listed = names(folders, "")
    assert (ran.statuses, listed) == ({"a": RAN, "b": RAN}, "")
    folder = Path(folders.root, "output/d")
    assert folder.is_dir()
    folder.rmdir()
    assert names(folders, "")[0].statuses == {"a": CACHED, "b": CACHED}
    assert folder.is_dir(), "restored as any other output"
    folder.rmdir()
    folder.write_text("in the way")
    assert names(folders, "", keep_going=True)[0].finished["a"].error == "cannot make the folder output/d: File exists"


@pytest.mark.parametrize("sandbox", ["none", "process"])
def test_a_module_without_outputs_runs_again(project: Any, sandbox: str) -> None:
    """Wherever it writes: its own last outputs are not in its way, and the rest of the project is where it was."""
    project.settings["sandbox"] = (sandbox, "none")
    script = "test ! -e made && mkdir -p made/deep && echo $N | tee result.txt made/deep/x > made/y"
    project.script("a", script, env='{ N = "1" }')
    assert project.run().statuses == {"a": RAN}
    project.replace('N = "1"', 'N = "2"')
    ran = project.run()
    assert ran.statuses == {"a": RAN}, ran.finished["a"].error
    assert [project.read(path) for path in ("result.txt", "made/y", "made/deep/x")] == ["2\n"] * 3
    project.write("agents/a.sh", "#!/bin/sh\ncat made/mine > result.txt; echo 3 > made/y\n")
    project.write("made/mine", "mine\n")
    ran = project.run()
    assert ran.statuses == {"a": RAN}, ran.finished["a"].error
    assert [project.read(path) for path in ("result.txt", "made/y", "made/mine")] == ["mine\n", "3\n", "mine\n"]
    assert project.run(force=True).statuses == {"a": RAN}
    with open_store(project.root / ".tars") as store:
        last = store.latest("result")
        assert last is not None
        assert sorted(last.body["placed"]) == ["made/y", "result.txt"], "all of it came by way of the view"
