"""What made a module run is named exactly: an input, a source, an argument, a setting, a tool."""

from typing import Any

import pytest

from tars.runner.keys import differences
from tars.runner.preview import why

GIVEN = 'input = "data/in.txt"'
CHANGES = {
    "input data/in.txt changed": lambda p: p.write("data/in.txt", "two\n"),
    "source agents/a.sh changed": lambda p: p.write("agents/a.sh", "#!/bin/sh\ncat $TARS_INPUT > output/a.txt\n"),
    "input more.txt is new": lambda p: p.replace(GIVEN, 'input = ["data/in.txt", "more.txt"]'),
    "arguments are new": lambda p: p.replace(GIVEN, f'{GIVEN}\n  args = ["-x"]'),
    "environment variable K is new": lambda p: p.replace(GIVEN, f'{GIVEN}\n  env = {{ K = "v" }}'),
    "setting profile is new": lambda p: p.replace(GIVEN, f'{GIVEN}\n  profile = "dev"'),
    "setting sandbox is new": lambda p: p.replace(GIVEN, f'{GIVEN}\n  sandbox = "none"'),
}


@pytest.mark.parametrize(("expected", "change"), CHANGES.items(), ids=CHANGES.keys())
def test_why_names_the_exact_ground(project: Any, change: Any, expected: str) -> None:
    project.write("data/in.txt", "one\n")
    project.script("a", "tr a-z A-Z < $TARS_INPUT > output/a.txt", input='"data/in.txt"', output='"output/a.txt"')
    project.write("more.txt", "more\n")
    project.run()
    before = why(project.options(only=("a",)), "executable_module.a")
    assert (before.planned.action, before.changes) == ("cached", ())
    change(project)
    after = why(project.options(only=("a",)), "executable_module.a")
    assert after.planned.action == "run"
    assert after.changes == (expected,)
    assert after.last_why == "it has not succeeded before"
    project.run()
    assert why(project.options(only=("a",)), "executable_module.a").last_why == expected


def test_the_last_time_that_it_ran_may_have_failed(project: Any) -> None:
    project.script("a", "echo 1 > output/a.txt", output='"output/a.txt"')
    project.run()
    done = why(project.options(only=("a",)), "executable_module.a")
    project.write("agents/a.sh", "#!/bin/sh\nexit 3\n")
    project.run()
    failed = why(project.options(only=("a",)), "executable_module.a")
    assert (done.last_status, failed.last_status) == ("succeeded", "failed")
    assert failed.last_run != done.last_run
    assert failed.last_why == "source agents/a.sh changed"
    assert failed.changes == ("source agents/a.sh changed",), "that it differs from the last success is so still"


def test_what_went_back_to_an_older_state_has_not_changed(project: Any) -> None:
    project.write("data/in.txt", "one\n")
    project.script("a", "cp $TARS_INPUT output/a.txt", input='"data/in.txt"', output='"output/a.txt"')
    for text in ("one\n", "two\n"):
        project.write("data/in.txt", text)
        project.run()
    project.write("data/in.txt", "one\n")
    told = why(project.options(only=("a",)), "executable_module.a")
    assert (told.planned.action, told.changes) == ("restore", ())


def test_why_names_a_setting_of_the_build_before_what_follows_from_it() -> None:
    then = {"build step 1": "0af4", "command": "93ce", "tool go": "1.23"}
    now = {"build step 1": "771b", "command": "93ce", "tool go": "1.24", "setting goarch": "arm64"}
    told = ["setting goarch is new", "build step 1 changed from 0af4 to 771b", "tool go changed from 1.23 to 1.24"]
    assert differences(then, now) == told
