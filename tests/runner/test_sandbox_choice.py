"""Which sandbox of a chain is taken, and what is said of those that were not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.core import plugins
from tars.core.errors import UnavailableError, UsageError
from tars.lang.values import Resources
from tars.runner.cells import limits
from tars.runner.execute import _parts
from tars.runner.sandbox import SANDBOXES, Policy, choose
from tars.runner.sandboxes import process
from tars.runner.sandboxes.process import ProcessSandbox


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine on which no mechanism of the process sandbox is left."""
    plugins._built_in_plugin.cache_clear()
    monkeypatch.setattr(process, "PLUGIN", ProcessSandbox(mechanisms=(), cache=tmp_path))
    yield
    plugins._built_in_plugin.cache_clear()


def test_none_is_taken_without_words() -> None:
    taken, refusals = choose(("none",))
    assert (taken.name, refusals) == ("none", ())


@pytest.mark.skipif(sys.platform != "linux", reason="the process sandbox is for Linux")
def test_the_default_is_process_where_it_works() -> None:
    if not SANDBOXES.load("process").readiness().ready:
        pytest.skip("no mechanism of the process sandbox works here")
    assert choose(())[0].name == "process"


@pytest.mark.usefixtures("no_process")
def test_the_chain_is_walked_and_each_refusal_has_its_reason() -> None:
    taken, refusals = choose(("wasm", "process", "none"))
    assert taken.name == "none"
    assert refusals[0].startswith("wasm: it runs WebAssembly only")
    assert refusals[1].startswith("process: ")


@pytest.mark.usefixtures("no_process")
def test_a_chain_without_none_refuses() -> None:
    with pytest.raises(UnavailableError) as raised:
        choose(("wasm", "process"))
    assert "wasm: it runs WebAssembly only" in raised.value.message
    assert "process: " in raised.value.message
    assert "bubblewrap" in raised.value.hint
    assert '"none"' in raised.value.hint


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as raised:
        choose(("none", "proces"))
    assert raised.value.hint == "did you mean `process`?"


def test_a_memory_limit_that_cannot_be_held_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "can_limit", lambda: False)
    assert choose(("none",))[0].name == "none"
    with pytest.raises(UnavailableError, match="memory limit"):
        choose(("none",), Policy(Resources(memory_bytes=1 << 30)))


def test_a_share_of_processors_that_cannot_be_held_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "can_limit_cpus", lambda: False)
    with pytest.raises(UnavailableError, match="control group"):
        choose(("process", "none"), Policy(Resources(cpu=0.5)))


@pytest.mark.parametrize("name", ["none", "process", "container"])
def test_a_share_of_processors_that_is_none_refuses(name: str) -> None:
    """It had been taken for no limit."""
    with pytest.raises(UnavailableError, match="the least share of the processors"):
        choose((name,), Policy(Resources(cpu=0)))


def test_more_graphics_processors_than_there_are_refuse() -> None:
    for chain in (("process", "container", "none"), ("process",)):
        with pytest.raises(UnavailableError, match="graphics processors, and `gpu` asks for 99") as raised:
            choose(chain, Policy(Resources(gpu=99)))
        assert '"none"' not in raised.value.hint, "it cannot have them either"
        assert "`resources`" in raised.value.hint


def test_an_image_is_for_a_container_and_named_by_digest() -> None:
    with pytest.raises(UnavailableError, match="no `image`"):
        choose(("process", "none"), Policy(Resources(image="rootfs")))
    with pytest.raises(UnavailableError, match="name it by digest"):
        choose(("container",), Policy(Resources(image="docker.io/library/python:3")))


def test_a_project_that_is_the_root_does_not_lay_bare_the_system() -> None:
    """As in a container whose working folder is `/`: the real `/proc` would cover the sandbox's own."""
    parts = _parts(Path("/"))
    assert not {Path("/"), Path("/proc"), Path("/dev"), Path("/tmp")} & set(parts)
    assert all(path.parent == Path("/") for path in parts)
    assert _parts(Path("/usr")) == [Path("/usr")]
