"""What a module writes without declaring it is refused where it is somebody else's: TARS's, git's, another module's."""

from typing import Any

import pytest

from tars.core.errors import InputError
from tars.lang.values import Settings
from tars.runner.events import Status
from tars.store import open_store

RAN, CACHED, FAILED = Status.SUCCEEDED, Status.CACHED, Status.FAILED

ATTACKS = {
    ".tars/journal.db": ".tars",
    ".tars/objects/zz/evil": ".tars",
    ".TARS/cache/files": ".tars",
    ".git/hooks/post-checkout": ".git",
    "sub/.git/hooks/post-checkout": ".git",
    "output/versions/v1/agents/good/outputs/output/good.txt": "output/versions",
    "output/versions/v9/agents/x/evil.txt": "output/versions",
    "output/logs/evil.json": "output/logs",
}


@pytest.mark.parametrize("sandbox", ["none", "process"])
@pytest.mark.parametrize("declared", [False, True], ids=["undeclared", "its folder declared"])
def test_no_module_writes_into_the_state_of_tars_or_git(project: Any, sandbox: str, declared: bool) -> None:
    project.settings["sandbox"] = (sandbox, "none")
    attacks = [path for path in ATTACKS if not declared or path.startswith("output/")]
    project.script("good", "echo good > $TARS_OUTPUT", output='"result/good.txt"')
    more = {"output": '"output"'} if declared else {}
    project.script("evil", """mkdir -p $(dirname $VICTIM) && echo '"evil"' > $VICTIM""", env='{ VICTIM = "-" }', **more)
    victim = "-"
    for path in attacks:
        project.replace(f'VICTIM = "{victim}"', f'VICTIM = "{path}"')
        victim = path
        ran = project.run(keep_going=True)
        assert ran.finished["evil"].error == f"its output {path} is in {ATTACKS[path]}, which is not for agents"
    assert [path for path in project.root.rglob("*") if path.is_file() and path.read_bytes() == b'"evil"\n'] == []
    assert project.run(only=("good",)).statuses == {"good": CACHED}
    with open_store(project.root / ".tars") as store:
        assert store.latest("result", subject="executable_module.good") is not None, "the history is whole"


def test_the_state_is_known_whatever_the_output_folder_is_called() -> None:
    for output in ("out", "a/b", ".", "./out"):
        own = f"{output}/logs/x".removeprefix("./")
        assert Settings(output=output).kept(own) == own.removesuffix("/x")
        assert Settings(output=output).kept(f"{output}/logsx/x".removeprefix("./")) == ""
    assert Settings().kept("output/.gitignore") == ""


@pytest.mark.parametrize("first", ["a", "b"])
def test_one_file_is_not_written_by_two_modules(project: Any, first: str) -> None:
    project.script("a", "echo a > output/result.txt")
    project.script("b", "echo b > output/result.txt", output='"output/result.txt"')
    for name in (first, "b" if first == "a" else "a"):
        ran = project.run(only=(name,))
        assert ran.statuses[name] is (FAILED if name == "a" else RAN)
        if name == "a":
            assert ran.finished["a"].error.startswith("output/result.txt is an output of executable_module.b already")
    assert project.read("output/result.txt") == "b\n"


def test_of_two_modules_that_write_what_they_do_not_declare_one_is_refused(project: Any) -> None:
    project.script("a", "echo a > output/result.txt")
    assert project.run().statuses == {"a": RAN}
    project.script("b", "echo b > output/result.txt")
    project.script("c", "sleep 0.2; echo b > output/result.txt")
    again = project.run(keep_going=True)
    assert again.statuses == {"a": CACHED, "b": FAILED, "c": FAILED}
    assert again.finished["b"].error.startswith("output/result.txt is an output of executable_module.a already")
    assert project.read("output/result.txt") == "a\n"
    fresh = project.run(only=("b", "c"), force=True, keep_going=True)
    assert sorted(fresh.statuses.values()) == sorted((RAN, FAILED))


def test_what_stands_from_an_earlier_run_is_refused_to_whom_it_no_longer_belongs(project: Any) -> None:
    project.script("a", "echo a > output/result.txt")
    project.run()
    project.script("b", "echo b > output/result.txt", output='"output/result.txt"')
    again = project.run(only=("a",)).finished["a"]
    assert again.error.startswith("output/result.txt is an output of executable_module.b already")


def test_the_metascript_and_what_it_rests_on_are_not_outputs(project: Any) -> None:
    project.write("output/more.tars", "locals {\n  x = 1\n}\n")
    project.write("output/schema.json", "{}\n")
    project.write("output/b.sh", "#!/bin/sh\necho b > output/b.txt\n").chmod(0o755)
    project.write("main.tars", 'include {\n  path = "./output/more.tars"\n}\n')
    project.script("a", "echo 0 > $VICTIM", env='{ VICTIM = "output/more.tars" }')
    metascript = project.root / "main.tars"
    metascript.write_text(
        metascript.read_text()
        + 'agent_module "b" {\n  source = "output/b.sh"\n  language = "executable"\n  output = "output/b.txt"\n'
        '  output_schema = "./output/schema.json"\n}\n'
    )
    sentences = {
        "output/more.tars": "is a file of the metascript",
        "output/schema.json": "is the output schema of executable_module.b",
        "output/b.sh": "is the source of executable_module.b",
    }
    victim = "output/more.tars"
    for path, sentence in sentences.items():
        project.replace(f'VICTIM = "{victim}"', f'VICTIM = "{path}"')
        victim = path
        before = project.read(path)
        ran = project.run(only=("a",))
        assert ran.finished["a"].error == f"its output {path} {sentence}"
        assert project.read(path) == before


@pytest.mark.parametrize("path", ["main.tars", "more.tars", "schema.json"])
def test_check_refuses_to_overwrite_the_metascript(project: Any, path: str) -> None:
    project.write("more.tars", "locals {\n  x = 1\n}\n")
    project.write("schema.json", "{}\n")
    project.write("main.tars", 'include {\n  path = "./more.tars"\n}\n')
    project.script("a", "echo a", output=f'"{path}"')
    project.script("b", "echo b", output='"output/b.txt"', output_schema='"./schema.json"')
    with pytest.raises(InputError) as raised:
        project.run()
    assert [finding.code for finding in raised.value.diagnostics] == ["T0054"]


def test_a_folder_that_holds_the_versions_is_not_granted_for_writing(project: Any) -> None:
    project.script("a", "echo a", cache="true")
    project.replace("cache = true", 'resources {\n    files {\n      write = ["output"]\n    }\n  }')
    with pytest.raises(InputError) as raised:
        project.run()
    assert [finding.code for finding in raised.value.diagnostics] == ["T0055"]


@pytest.mark.parametrize(
    ("given", "held"), [("data", "data/deep/o.txt"), (".", "data/deep/o.txt"), ("output", "output/versions")]
)
def test_an_input_does_not_hold_what_the_run_writes(project: Any, given: str, held: str) -> None:
    project.write("output/in.txt", "in")
    project.write("data/in.txt", "in")
    project.script("a", "ls $TARS_INPUT > $TARS_OUTPUT", input=f'"./{given}"', output='"data/deep/o.txt"')
    with pytest.raises(InputError) as raised:
        project.run()
    (found,) = raised.value.diagnostics
    assert found.code == "T0069"
    assert f"`{given}`" in found.message
    assert f"`{held}`" in found.message


@pytest.mark.parametrize(
    ("output", "file"), [("output", "output"), ("a/b", "a"), ("output", "output/logs"), (".", "logs")]
)
def test_a_file_in_the_place_of_the_output_folder_is_found_before_anything_runs(
    project: Any, output: str, file: str
) -> None:
    project.write(file, "in the way")
    project.write("main.tars", f'settings {{\n  output = "{output}"\n}}\n' if output != "output" else "")
    project.script("a", "echo a > $TARS_OUTPUT", output='"result/a.txt"')
    with pytest.raises(InputError) as raised:
        project.run()
    (found,) = raised.value.diagnostics
    assert found.code == "T0070"
    assert found.message.startswith(f"`{file}` is no folder")
    assert project.read(file) == "in the way"
    assert not (project.root / "result").exists()
