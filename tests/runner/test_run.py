"""The engine from the outside: what runs, what is reused, what is kept, and what a failure leaves."""

import json
import os
import shutil
from threading import Thread
from typing import Any

import jsonschema_rs
import pytest

from tars.core.errors import InputError, UsageError
from tars.runner.events import ModuleOutput, ModuleProgress, ModuleRetry, ModuleStarted, Status
from tars.runner.preview import plan
from tars.runner.record import RECORD_SCHEMA
from tars.store import open_store
from tars.store.versions import versions

RAN, CACHED, FAILED, SKIPPED = Status.SUCCEEDED, Status.CACHED, Status.FAILED, Status.SKIPPED


def test_a_chain_runs_is_cached_and_runs_again_from_what_changed(project: Any) -> None:
    project.chain()
    first = project.run()
    assert first.statuses == dict.fromkeys("abcd", RAN)
    assert first.end.version == 1
    assert project.read("output/c.txt") == "ENO\n"
    second = project.run()
    assert second.statuses == dict.fromkeys("abcd", CACHED)
    assert second.end.version is None
    project.write("agents/b.sh", "#!/bin/sh\ncat < $TARS_INPUT > $TARS_OUTPUT\n")
    third = project.run()
    assert third.statuses == {"a": CACHED, "b": RAN, "c": RAN, "d": CACHED}
    assert third.end.version == 2
    assert project.read("output/c.txt") == "ONE\n"
    assert third.finished["b"].why == "source agents/b.sh changed"
    assert third.finished["c"].why == "input output/b.txt changed"
    with open_store(project.root / ".tars") as store:
        assert [(v.number, v.modules) for v in versions(store)] == [(1, ("a", "b", "c", "d")), (2, ("b", "c"))]
    tree = project.root / "output/versions"
    assert (tree / "v1/agents/c/outputs/output/c.txt").read_text() == "ENO\n"
    assert (tree / "v2/agents/b/source/agents/b.sh").read_text().startswith("#!/bin/sh\ncat")


def test_equal_output_stops_the_change(project: Any) -> None:
    project.chain()
    project.run()
    project.write("agents/a.sh", "#!/bin/sh\n# the same, said otherwise\ntr a-z A-Z < $TARS_INPUT > output/a.txt\n")
    assert project.run().statuses == {"a": RAN, "b": CACHED, "c": CACHED, "d": CACHED}


def test_an_older_state_is_restored_not_run(project: Any) -> None:
    project.chain()
    project.run()
    project.write("data/in.txt", "two\n")
    assert project.run().statuses == {"a": RAN, "b": RAN, "c": RAN, "d": CACHED}
    project.write("data/in.txt", "one\n")
    again = project.run()
    assert again.statuses == dict.fromkeys("abcd", CACHED)
    assert project.read("output/c.txt") == "ENO\n"
    assert again.end.version == 3, "the outputs changed, so this is a version too"


@pytest.mark.parametrize("damage", ["delete", "corrupt", "truncate"])
def test_a_damaged_output_is_put_back(project: Any, damage: str) -> None:
    project.chain()
    project.run()
    path = project.root / "output/b.txt"
    match damage:
        case "delete":
            path.unlink()
        case "corrupt":
            path.write_text("ENX\n")
        case _:
            path.write_text("")
    again = project.run()
    assert again.statuses == dict.fromkeys("abcd", CACHED)
    assert again.finished["b"].why == "restored from the store: output/b.txt"
    assert path.read_text() == "ENO\n"


def test_a_failure_leaves_the_previous_outputs_and_skips_what_needs_them(project: Any) -> None:
    project.chain()
    project.run()
    project.write("agents/b.sh", "#!/bin/sh\necho half > $TARS_OUTPUT\necho broken >&2\nexit 3\n")
    ran = project.run(keep_going=True)
    assert ran.statuses == {"a": CACHED, "b": FAILED, "c": SKIPPED, "d": CACHED}
    assert ran.finished["b"].error == "exit code 3"
    assert ran.finished["c"].error == "it needs executable_module.b"
    assert ran.finished["b"].record["stderr"] == "broken\n"
    assert ran.end.status is FAILED
    assert project.read("output/b.txt") == "ENO\n"
    assert not list((project.root / ".tars/tmp").glob("*-*")), "no scratch folder is left"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"only": ("b",)}, {"a": RAN, "b": RAN}),
        ({"only": ("executable_module.a",)}, {"a": RAN}),
        ({"only": ("a", "d")}, {"a": RAN, "d": RAN}),
    ],
)
def test_only(project: Any, changes: dict[str, Any], expected: dict[str, Status]) -> None:
    project.chain()
    assert project.run(**changes).statuses == expected


def test_start_from_uses_stored_outputs(project: Any) -> None:
    project.chain()
    with pytest.raises(InputError, match="no stored result"):
        project.run(start_from=("b",))
    project.run()
    assert project.run(start_from=("b",), force=True).statuses == {"b": RAN, "c": RAN}
    assert project.run(only=("c",), with_needs=False, force=True).statuses == {"c": RAN}


def test_an_unknown_name_is_answered_with_the_nearest(project: Any) -> None:
    project.chain()
    project.script("tokenizer", "true")
    with pytest.raises(UsageError) as caught:
        project.run(only=("tokeniser",))
    assert caught.value.hint == "did you mean `tokenizer`?"


def test_retries_and_progress_and_output_are_told(project: Any) -> None:
    project.script(
        "a",
        """
        echo '{"progress": 0.5}' >> $TARS_EVENTS
        echo '{"metric": {"loss": 0.25}}' >> $TARS_EVENTS
        echo not json >> $TARS_EVENTS
        echo hello
        sleep 0.5
        [ -f /tmp/never ] || exit 1
        """,
        retries="2",
        backoff='"10ms"',
    )
    ran = project.run()
    kinds = [type(event) for event in ran.events]
    assert kinds.count(ModuleRetry) == 2
    assert [event.attempt for event in ran.events if isinstance(event, ModuleRetry)] == [1, 2], "those that failed"
    assert [event.attempt for event in ran.events if isinstance(event, ModuleStarted)] == [1, 2, 3]
    assert b"".join(event.data for event in ran.events if isinstance(event, ModuleOutput)) == b"hello\n" * 3
    assert {event.fraction for event in ran.events if isinstance(event, ModuleProgress)} == {0.5}
    record = ran.finished["a"].record
    assert (record["attempt"], record["status"], record["metrics"]) == (3, "failed", {"loss": 0.25})


def test_outputs_found_by_watching_are_delivered_and_referred_to(project: Any) -> None:
    project.script("a", "mkdir -p output/parts; echo 1 > output/parts/x.txt; echo 2 > top.txt")
    project.script("b", "cat $1 > output/b.txt", args="[agent_module.a.output]", output='"output/b.txt"')
    ran = project.run()
    assert ran.statuses == {"a": RAN, "b": RAN}, ran.finished
    assert ran.finished["a"].record["outputs"] == ["output/parts/x.txt", "top.txt"]
    assert project.read("output/b.txt") == "1\n"


@pytest.mark.parametrize(
    ("inject", "body", "expected"),
    [
        ("", 'printf "%s|" "$(cat)" "$(cat $TARS_INPUT)" "$#"', "in|in|0|"),
        ("args", 'printf "%s|" "$(cat)" "$(cat $1)" "$#"', "|in|1|"),
        ("stdin", 'printf "%s|" "$(cat)" "$#"', "in|0|"),
        ("env", 'printf "%s|" "$(cat)" "$TARS_INPUT_DATA"', "|in|"),
        ("file", 'echo more >> $TARS_INPUT; printf "%s|" "$(cat)" "$(head -1 $TARS_INPUT)"', "|in|"),
    ],
)
def test_the_ways_in(project: Any, inject: str, body: str, expected: str) -> None:
    project.write("data/in.txt", "in\n")
    attributes = {"inject_as": f'"{inject}"'} if inject else {}
    project.script("a", f"{body} > output/a", input='"data/in.txt"', output='"output/a"', **attributes)
    ran = project.run()
    assert ran.statuses == {"a": RAN}, ran.finished["a"].error
    assert project.read("output/a").replace("in\n", "in") == expected
    assert project.read("data/in.txt") == "in\n"


def test_values_of_the_metascript_come_as_json(project: Any) -> None:
    project.script("a", "cat > output/a.json", input="{ n = 1, names = [true, null] }", output='"output/a.json"')
    assert project.run().statuses == {"a": RAN}
    assert json.loads(project.read("output/a.json")) == {"n": 1, "names": [True, None]}


def test_agents_find_what_the_metascript_knows(project: Any) -> None:
    project.write(
        "main.tars", 'belief_graph "lab" {\n  belief "b" {\n    statement = "s"\n    confidence = 0.9\n  }\n}\n'
    )
    project.script("a", "cat $TARS_MEMORY > output/a.json", output='"output/a.json"')
    assert project.run().statuses == {"a": RAN}
    [graph] = json.loads(project.read("output/a.json"))
    assert (graph["type"], graph["labels"]) == ("belief_graph", ["lab"])
    assert graph["blocks"][0]["statement"] == "s"


def test_the_record_satisfies_its_published_schema(project: Any) -> None:
    project.chain()
    project.script("e", "exit 7", depends_on="[agent_module.d]")
    project.run(keep_going=True)
    records = [json.loads(path.read_text()) for path in sorted((project.root / "output/logs").iterdir())]
    validator = jsonschema_rs.validator_for(RECORD_SCHEMA)
    assert [list(validator.iter_errors(record)) for record in records] == [[]] * 5
    by_name = {record["module"]: record for record in records}
    assert by_name["executable_module.a"]["version"] == "v1"
    assert by_name["executable_module.a"]["inputs"] == ["data/in.txt"]
    assert by_name["executable_module.e"]["exit_code"] == 7
    assert by_name["executable_module.e"]["version"] is None


def test_what_changes_while_a_module_runs_is_not_cached(project: Any) -> None:
    project.write("data/in.txt", "one\n")
    target = project.root / "data/in.txt"
    project.script("a", f"cat $TARS_INPUT > output/a; echo two > {target}", input='"data/in.txt"', output='"output/a"')
    ran = project.run()
    assert any("data/in.txt changed while executable_module.a ran" in notice for notice in ran.notices)
    assert project.run().statuses == {"a": RAN}


def test_undeclared_files_are_named_and_not_kept(project: Any) -> None:
    project.script("a", "echo 1 > output/a; echo 2 > output/extra", output='"output/a"')
    ran = project.run()
    assert any("output/extra" in notice for notice in ran.notices)
    assert not (project.root / "output/extra").exists()


def test_a_metascript_with_errors_runs_nothing(project: Any) -> None:
    project.write("main.tars", 'agent_module "a" {\n  language = "executable"\n  sauce = "x.sh"\n}\n')
    with pytest.raises(InputError, match="nothing was run") as caught:
        project.run()
    assert caught.value.diagnostics


def test_the_plan_says_what_would_run_and_why(project: Any) -> None:
    project.chain()
    assert {planned.action for planned in plan(project.options())} == {"run"}
    project.run()
    assert {planned.action for planned in plan(project.options())} == {"cached"}
    (project.root / "output/d.txt").unlink()
    project.write("data/in.txt", "two\n")
    planned = {p.address.split(".")[1]: (p.action, p.why) for p in plan(project.options())}
    assert planned["a"] == ("run", "input data/in.txt changed")
    assert planned["b"] == ("run", "executable_module.a runs before it")
    assert planned["d"][0] == "restore"
    assert not (project.root / "output/d.txt").exists(), "a plan changes nothing"


def test_a_plan_makes_no_folder(project: Any) -> None:
    project.chain()
    plan(project.options())
    assert not (project.root / "output").exists()


def test_outputs_and_findings_of_the_metascript_are_told(project: Any) -> None:
    project.script("a", "echo a > output/a", output='"output/a"')
    project.script("b", "exit 1", output='"output/b"')
    project.write(
        "main.tars",
        project.read("main.tars")
        + 'output "where" {\n  value = agent_module.a.output\n}\n'
        + 'output "answer" {\n  value = 6 * 7\n}\noutput "never" {\n  value = agent_module.b.output\n}\n',
    )
    assert project.run(keep_going=True).end.outputs == {"where": "output/a", "answer": 42}


def test_a_renamed_module_runs_again_and_has_its_own_version(project: Any) -> None:
    project.script("one", "echo $TARS_MODULE > output/a", output='"output/a"')
    project.run()
    project.replace('"one"', '"two"')
    ran = project.run()
    assert ran.statuses == {"two": RAN}
    assert (ran.end.version, project.read("output/a")) == (2, "executable_module.two\n")


def test_everything_that_is_missing_is_named_and_the_rest_runs(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.chain()
    for name, given in (("g", "agent_module.a.output"), ("h", "go_module.g.output")):
        project.write(f"{name}.go", "package main\nfunc main() {}\n")
        block = f'go_module "{name}" {{\n  source = "{name}.go"\n  input = {given}\n  output = "output/{name}"\n}}\n'
        project.write("main.tars", project.read("main.tars") + block)
    few = project.root / "few"
    few.mkdir()
    for program in ("sh", "tr", "rev", "cat"):
        (few / program).symlink_to(shutil.which(program) or "")
    monkeypatch.setenv("PATH", str(few))
    ran = project.run()
    assert ran.statuses == {**dict.fromkeys("abcd", RAN), "g": Status.UNAVAILABLE, "h": Status.UNAVAILABLE}
    place = project.read("main.tars")[: project.read("main.tars").index('go_module "h"')].count("\n") + 1
    assert ran.finished["h"].error.startswith(
        f"[ERROR] Go toolchain not found (needed by go_module h, main.tars:{place})."
    )
    assert ran.end.status is Status.UNAVAILABLE
    assert ran.end.version == 1


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux schedules batch work")
@pytest.mark.parametrize(("chosen", "policy"), [("SCHED_OTHER", "3"), ("SCHED_IDLE", "5")])
def test_agents_are_batch_work_unless_the_user_chose_otherwise(project: Any, chosen: str, policy: str) -> None:
    project.script("a", "cut -d' ' -f41 /proc/self/stat > $TARS_OUTPUT", output='"output/a.txt"')

    def run_so() -> None:
        os.sched_setscheduler(0, getattr(os, chosen), os.sched_param(0))
        project.run()

    thread = Thread(target=run_so)  # a policy is a thread's own
    thread.start()
    thread.join()
    assert project.read("output/a.txt").strip() == policy
