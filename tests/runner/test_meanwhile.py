"""What changes while a run goes on, or comes to count after it, is noticed by the next one: by its plan and by the fast
path, which proves that nothing changed or steps aside."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tars.runner.events import Event, ModuleStarted, Status
from tars.runner.preview import plan, why
from tars.runner.warm import SETTLED_NS, try_warm

NONE = '"none"'


def is_warm(project: Any) -> bool:
    return try_warm(["run", "--quiet", str(project.root / "main.tars")]) == 0


def run_and_meanwhile(project: Any, change: Callable[[], object], name: str = "a") -> Any:
    """Runs; as soon as the module has started the change is made, and then the file `go`, for which it waits."""

    def on_event(event: Event) -> None:
        if isinstance(event, ModuleStarted) and event.address.endswith(f".{name}"):
            change()
            (project.root / "../go").write_text("")

    ran = project.run(on_event=on_event)
    (project.root / "../go").unlink(missing_ok=True)
    return ran


@pytest.fixture
def slow(project: Any) -> Any:
    """A module `a` that waits for the file `go` beside the project, and then copies its inputs."""
    project.settings.clear()
    project.write("data/in.txt", "1\n")
    project.write("values.json", "1\n")
    go = project.root.parent / "go"
    wait = f'i=0; while [ ! -e "{go}" ] && [ $i -lt 200 ]; do i=$((i+1)); sleep 0.05; done'
    inputs = '["data", "values.json"]'
    body = f'{wait}\ncat data/in.txt values.json > $TARS_OUTPUT; echo "$1" >> $TARS_OUTPUT'
    project.script("a", body, input=inputs, output='"output/a.txt"', args='["one"]', sandbox=NONE)
    return project


MEANWHILE: dict[str, Callable[[Any], object]] = {
    "the metascript": lambda p: p.replace('args = ["one"]', 'args = ["two"]'),
    "the source": lambda p: p.write("agents/a.sh", "#!/bin/sh\necho new > $TARS_OUTPUT\n"),
    "an input": lambda p: p.write("values.json", "2\n"),
    "a file in a folder": lambda p: p.write("data/in.txt", "2\n"),
    "a file more in a folder": lambda p: p.write("data/more.txt", "2\n"),
    "a file less in a folder": lambda p: (p.root / "data/in.txt").rename(p.root / "elsewhere.txt"),
    "a folder in the place of an input": lambda p: become_folder(p.root / "values.json"),
    "a link that leads to itself": lambda p: (p.root / "data/round").symlink_to("round"),
}


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_what_changes_while_a_module_runs_makes_it_run_again(slow: Any, change: Callable[[Any], object]) -> None:
    ran = run_and_meanwhile(slow, lambda: change(slow))
    assert ran.statuses["a"] in (Status.SUCCEEDED, Status.FAILED)
    assert not is_warm(slow)
    (slow.root / "../go").write_text("")
    again = slow.run()
    assert again.statuses["a"] is not Status.CACHED, again.notices
    if again.statuses["a"] is Status.SUCCEEDED:
        assert slow.run().statuses["a"] is Status.CACHED
        assert is_warm(slow)


@pytest.mark.parametrize("path", ["values.json", "data/more.txt"])
def test_a_result_made_of_a_change_is_not_kept_for_what_was_before(slow: Any, path: str) -> None:
    before = (slow.root / path).read_text() if (slow.root / path).exists() else None
    ran = run_and_meanwhile(slow, lambda: slow.write(path, "2\n"))
    assert ran.notices == [f"{path} changed while executable_module.a ran: it will run again next time"]
    (slow.root / "../go").write_text("")
    if before is None:
        (slow.root / path).unlink()
    else:
        slow.write(path, before)
    assert slow.run().statuses["a"] is Status.SUCCEEDED


def test_a_module_that_changes_its_own_input_is_never_said_to_be_cached(project: Any) -> None:
    project.settings.clear()
    project.write("d.txt", "1\n")
    body = "cp $TARS_INPUT x; echo 2 >> x; mv x $TARS_OUTPUT"
    project.script("a", body, input='"d.txt"', output='"d.txt"', sandbox=NONE)
    for count in range(2, 5):
        assert project.run().statuses["a"] is Status.SUCCEEDED
        assert project.read("d.txt").count("2") == count - 1
        assert not is_warm(project)


def test_an_input_by_its_path_that_another_module_writes_later(project: Any) -> None:
    project.settings.clear()
    project.write("output/a.txt", "old\n")
    project.script("a", "sleep 0.5; echo new > $TARS_OUTPUT", output='"output/a.txt"', sandbox=NONE)
    project.script(
        "b", "cat output/a.txt > $TARS_OUTPUT", input='"output/a.txt"', output='"output/b.txt"', sandbox=NONE
    )
    assert project.run(jobs=2).statuses == {"a": Status.SUCCEEDED, "b": Status.SUCCEEDED}
    assert project.read("output/b.txt") == "old\n"
    assert not is_warm(project)
    assert project.run(jobs=2).statuses == {"a": Status.CACHED, "b": Status.SUCCEEDED}
    assert project.read("output/b.txt") == "new\n"


COMING: dict[str, tuple[str, str]] = {
    "a module in the root": ("m.py", "helper.py"),
    "a module beside the source": ("agents/m.py", "agents/helper.py"),
    "a package": ("agents/m.py", "agents/helper/__init__.py"),
    "a list of packages": ("m.py", "requirements.txt"),
}


@pytest.mark.parametrize(("source", "coming"), COMING.values(), ids=COMING.keys())
def test_a_new_file_where_something_was_looked_for(project: Any, source: str, coming: str) -> None:
    project.settings.clear()
    program = "try:\n  import helper\nexcept ImportError:\n  pass\nimport os\nopen(os.environ['TARS_OUTPUT'], 'w')\n"
    project.write(source, program)
    block = f'python_module "m" {{\n  source = "{source}"\n  output = "output/m"\n  sandbox = "none"\n}}\n'
    project.write("main.tars", block)
    project.run()
    assert is_warm(project), "a first run leaves its proof"
    project.write(coming, "")
    assert not is_warm(project)


def test_a_program_that_comes_first_on_path(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.settings.clear()
    places = project.root.parent / "bin"
    places.mkdir()
    time.sleep(2 * SETTLED_NS / 1e9)
    monkeypatch.setenv("PATH", f"{places}{os.pathsep}{os.environ['PATH']}")
    project.write("m.py", "import os\nopen(os.environ['TARS_OUTPUT'], 'w')\n")
    block = 'python_module "m" {\n  source = "m.py"\n  output = "output/m"\n  sandbox = "none"\n}\n'
    project.write("main.tars", block)
    project.run()
    assert is_warm(project)
    (places / "python3").symlink_to(sys.executable)
    assert not is_warm(project)


def test_the_order_of_inputs_counts(project: Any) -> None:
    project.write("a.txt", "one\n")
    project.write("b.txt", "two\n")
    project.script("a", "cat $1 $2 > $TARS_OUTPUT", input='["a.txt", "b.txt"]', inject_as='"args"', output='"output/a"')
    project.run()
    project.replace('["a.txt", "b.txt"]', '["b.txt", "a.txt"]')
    told = 'inputs changed from ["a.txt", "b.txt"] to ["b.txt", "a.txt"]'
    assert project.run().finished["a"].why == told
    assert project.read("output/a") == "two\none\n"


def test_the_order_of_outputs_as_arguments_counts(project: Any) -> None:
    project.script("a", "echo 1 > output/x; echo 2 > output/y", output='["output/x", "output/y"]')
    args = "[agent_module.a.output[0], agent_module.a.output[1]]"
    project.script("b", "cat $1 $2 > $TARS_OUTPUT", args=args, output='"output/b"')
    project.run()
    project.replace(args, "[agent_module.a.output[1], agent_module.a.output[0]]")
    assert project.run().statuses["b"] is Status.SUCCEEDED
    assert project.read("output/b") == "2\n1\n"


def test_a_folder_and_its_only_file_are_two_inputs(project: Any) -> None:
    project.write("data/f", "one\n")
    project.script("a", "test -d $1 && echo folder > $TARS_OUTPUT || echo file > $TARS_OUTPUT",
                   input='"data"', inject_as='"args"', output='"output/a"')  # fmt: skip
    project.run()
    project.replace('"data"', '"data/f"')
    project.run()
    assert project.read("output/a") == "file\n"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_to_folders_in_a_folder_are_followed_once(project: Any) -> None:
    project.write("data/in.txt", "")
    project.write("real/x.txt", "one\n")
    (project.root / "data/sub").symlink_to("../real")
    (project.root / "data/up").symlink_to("..")
    (project.root / "real/self").symlink_to(".")
    project.script("a", "cat data/sub/x.txt > $TARS_OUTPUT", input='"data"', output='"output/a"')
    project.run()
    assert project.run().statuses["a"] is Status.CACHED
    project.write("real/x.txt", "two\n")
    assert project.run().finished["a"].why == "input data/sub/x.txt changed"
    (project.root / "data/up").unlink()
    (project.root / "data/up").symlink_to("../..")
    assert project.run().finished["a"].why == "input data/up changed from link to .. to link to ../.."


def test_what_a_plan_would_put_back_counts_as_there(project: Any) -> None:
    project.chain()
    project.run()
    (project.root / "output/a.txt").unlink()
    assert [one.action for one in plan(project.options())] == ["restore", "cached", "cached", "cached"]
    told = why(project.options(only=("b",), with_needs=True), "executable_module.b").planned
    assert told.action == "cached"
    (project.root / "output/b.txt").unlink()
    ran = project.run(only=("c",), with_needs=False, force=True)
    assert ran.statuses == {"c": Status.SUCCEEDED}
    assert project.read("output/b.txt") == "ENO\n"
    shutil.rmtree(project.root / "output")
    assert set(project.run().statuses.values()) == {Status.CACHED}


def test_why_compares_with_what_stands_and_not_with_what_ran_last(project: Any) -> None:
    project.script("a", "echo $1 > $TARS_OUTPUT", output='"output/a"', args='["1"]')
    project.run()
    project.replace('["1"]', '["2"]')
    project.run()
    project.replace('["2"]', '["1"]')
    assert project.run().statuses["a"] is Status.CACHED
    project.replace('["1"]', '["3"]')
    assert project.run().finished["a"].why == 'arguments changed from ["1"] to ["3"]'


def test_a_pinned_module_needs_no_source_in_the_project(project: Any) -> None:
    project.write("m.py", "import os\nopen(os.environ['TARS_OUTPUT'], 'w').write('1')\n")
    block = 'python_module "m" {\n  source = "m.py"\n  output = "output/m"\n}\n'
    project.write("main.tars", block)
    project.run()
    Path(project.root / "m.py").unlink()
    project.write("main.tars", f'use_python_module = "m@v1"\n{block}')
    assert project.run(force=True).statuses["m"] is Status.SUCCEEDED


def test_more_jobs_than_threads_can_be(project: Any) -> None:
    project.chain()
    assert project.run(jobs=1_000_000).end.status is Status.SUCCEEDED


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_what_cannot_be_read_is_the_matter_of_its_module_alone(project: Any) -> None:
    project.write("data/in.txt", "")
    (project.root / "data/round").symlink_to("round")
    project.script("a", "echo a > $TARS_OUTPUT", input='"data"', output='"output/a"')
    project.script("b", "echo b > $TARS_OUTPUT", output='"output/b"')
    ran = project.run(keep_going=True)
    assert ran.statuses == {"a": Status.FAILED, "b": Status.SUCCEEDED}
    assert ran.finished["a"].error.startswith("cannot read data/round: ")
