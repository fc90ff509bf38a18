"""Pinned modules: they run, or are reused, as the version that they name made them."""

from typing import Any

import pytest

from tars.core.errors import InputError
from tars.runner.events import Status
from tars.store import open_store
from tars.store.versions import resolve

RAN, CACHED = Status.SUCCEEDED, Status.CACHED


def test_a_pinned_module_runs_as_it_was(project: Any) -> None:
    project.script("a", "echo one > output/a", output='"output/a"')
    project.run()
    project.write("agents/a.sh", "#!/bin/sh\necho two > output/a\n")
    project.run()
    assert project.read("output/a") == "two\n"
    before = project.read("main.tars")
    project.write("main.tars", 'use_executable_module = "a@v1"\n' + before)
    assert project.run().end.status is RAN
    assert project.read("output/a") == "one\n"
    project.write("main.tars", 'use_executable_module = "a@v2"\n')
    assert project.run().end.status is RAN
    assert project.read("output/a") == "two\n"
    project.write("main.tars", 'use_executable_module = "a@v1"\n' + before)
    assert project.run().statuses == {"a": CACHED}, "what v1 made is in the store"
    assert project.read("output/a") == "one\n"
    assert project.run(force=True).statuses == {"a": RAN}
    with open_store(project.root / ".tars") as store:
        assert list(store.objects.tree(resolve(store, "a")[1].source)) == ["agents/a.sh"]
    project.write("main.tars", 'use_executable_module = "a@v9"\n')
    with pytest.raises(InputError) as caught:
        project.run()
    assert "a@v9" in caught.value.diagnostics[0].message
