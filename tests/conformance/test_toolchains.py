"""What every toolchain owes, built in or installed by another package: each is tried with its own sample."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from tars.core.errors import TarsError, UnavailableError
from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building.build import build_key, source_of
from tars.runner.building.sources import ProjectFiles
from tars.runner.building.tools import cache_folder, detect, missing_message
from tars.runner.building.trial import SAMPLE_INPUT, make_ready, start, try_sample
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Found, Source, Tool
from tars.store.shared import Shared

LANGUAGES = TOOLCHAINS.names()
BROKEN = b"\n)(\n"
"""Put at the end of a sample, it is wrong in every language."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    return Shared(tmp_path_factory.mktemp("shared"))


def module_of(language: str, source: str) -> Module:
    return Module(f"{language}_module.one", "one", language, Span("a.tars", 0, 1), source=source)


@pytest.fixture
def sample(tmp_path: Path) -> Callable[..., Module]:
    """Writes a language's sample into the project and returns its module."""

    def write(language: str, *, folder: str = "", more: bytes = b"") -> Module:
        name, content = TOOLCHAINS.load(language).sample()
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content + more)
        path.chmod(0o755)
        return module_of(language, f"{folder}/{name}" if folder else name)

    return write


def found_for(source: Source) -> dict[str, Found]:
    """The tools of a module; skips the test where one is missing here."""
    found = {}
    for tool in TOOLCHAINS.load(source.module.language).tools(source):
        there = detect(tool)
        if there is None:
            pytest.skip(missing_message(tool, source.module, "a.tars:1"))
        found[tool.name] = there
    return found


def ready(module: Module, project: Path, shared: Shared):
    try:
        return make_ready(module, project, shared, "a.tars:1")
    except UnavailableError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sample_copies_its_input(language: str, sample, tmp_path: Path, shared: Shared) -> None:
    built = ready(sample(language, folder="a folder/ünï côdé"), tmp_path, shared)
    assert built.ok, built.log.decode()
    for given in (SAMPLE_INPUT, bytes(range(256)) * 4096):
        outcome = start(built, tmp_path, stdin=given)
        assert outcome.ok, outcome.stderr.decode()
        assert outcome.stdout == given


@pytest.mark.parametrize("language", LANGUAGES)
def test_broken_sample_is_explained_at_its_place(language: str, sample, tmp_path: Path, shared: Shared) -> None:
    module = sample(language, more=BROKEN)
    built = ready(module, tmp_path, shared)
    diagnostics = built.diagnostics
    if built.ok:  # not compiled: it fails when it is started
        outcome = start(built, tmp_path, stdin=SAMPLE_INPUT)
        assert not outcome.ok
        diagnostics = TOOLCHAINS.load(language).explain(outcome, source_of(module, tmp_path))
    else:
        assert built.log
        assert not list((tmp_path / ".tars" / "cache" / "build").iterdir()), "a failed build leaves nothing"
    at = (tmp_path / module.source).read_text().index(")(")
    spans = [one.span for one in diagnostics if one.span is not None]
    assert any(span.path == module.source and span.start <= at + 1 and span.end >= at for span in spans), diagnostics
    assert all(one.message for one in diagnostics)


@pytest.mark.parametrize("language", LANGUAGES)
def test_working_sample_has_nothing_to_explain(language: str, sample, tmp_path: Path, shared: Shared) -> None:
    module = sample(language)
    built = ready(module, tmp_path, shared)
    outcome = start(built, tmp_path, stdin=SAMPLE_INPUT)
    assert TOOLCHAINS.load(language).explain(outcome, source_of(module, tmp_path)) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_plan_is_pure(language: str, sample, tmp_path: Path) -> None:
    module = sample(language)
    toolchain = TOOLCHAINS.load(language)
    on_disk = source_of(module, tmp_path)
    in_memory = Source(module, {path: on_disk.files[path] for path in on_disk.files}, on_disk.is_folder)
    found = found_for(on_disk)
    before = sorted(os.listdir(tmp_path))
    plan = toolchain.plan(on_disk, found)
    assert plan == toolchain.plan(on_disk, found) == toolchain.plan(in_memory, found)
    moved = {name: Found(tool.tool, "/elsewhere/" + name, tool.version) for name, tool in found.items()}
    assert toolchain.plan(on_disk, moved) == plan, "a plan names tools, never where they are"
    assert build_key(on_disk, plan, moved) == build_key(on_disk, plan, found)
    assert str(tmp_path) not in repr(plan)
    assert module.source in plan.reads
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_key_follows_content(language: str, sample, tmp_path: Path) -> None:
    module = sample(language)
    toolchain = TOOLCHAINS.load(language)
    found = found_for(source_of(module, tmp_path))

    def key(tools: dict[str, Found] = found) -> str:
        source = source_of(module, tmp_path)
        return build_key(source, toolchain.plan(source, tools), tools)

    first = key()
    path = tmp_path / module.source
    os.utime(path, (1, 1))
    assert key() == first, "touching changes nothing"
    path.write_bytes(path.read_bytes() + b"\n")
    assert key() != first, "editing does"
    edited = key()
    newer = {name: Found(tool.tool, tool.path, tool.version + "1") for name, tool in found.items()}
    assert (key(newer) != edited) == bool(found), "so does another version of a tool"


@pytest.mark.parametrize("language", LANGUAGES)
def test_unreadable_source_is_refused_with_a_hint(language: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    source = source_of(module_of(language, "empty"), tmp_path)
    with pytest.raises(TarsError) as caught:
        TOOLCHAINS.load(language).plan(source, {})
    assert caught.value.hint
    assert caught.value.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_says_how_to_get_it(language: str, tmp_path: Path) -> None:
    name, content = TOOLCHAINS.load(language).sample()
    module = module_of(language, name)
    source = Source(module, {name: content}, False)
    for tool in TOOLCHAINS.load(language).tools(source):
        message = missing_message(Tool("no-" + tool.name, hints=tool.hints, label=tool.label), module, "a.tars:31")
        assert message.startswith(f"[ERROR] {tool.label or 'no-' + tool.name} not found (needed by "), message
        assert f"{language}_module one, a.tars:31). Install it: " in message, message
        assert tool.hints, "a tool names at least one command that installs it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_try_sample_tells_what_this_machine_can(language: str, tmp_path: Path, shared: Shared) -> None:
    readiness = try_sample(language, tmp_path, shared)
    name, content = TOOLCHAINS.load(language).sample()
    source = Source(module_of(language, name), {name: content}, False)
    has_tools = all(detect(tool) is not None for tool in TOOLCHAINS.load(language).tools(source))
    assert readiness.ready == has_tools, readiness
    assert readiness.detail


def test_suffixes_belong_to_one_language() -> None:
    owners: dict[str, str] = {}
    for language in LANGUAGES:
        for suffix in TOOLCHAINS.load(language).suffixes:
            assert owners.setdefault(suffix, language) == language, suffix
            assert suffix.startswith(".")
        assert TOOLCHAINS.load(language).name == language
        assert TOOLCHAINS.load(language).sample()[0].endswith(TOOLCHAINS.load(language).suffixes)


def test_installed_package_brings_a_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    """An entry point in the group `tars.toolchains` joins by being installed."""
    (tmp_path / "third.py").write_text(
        "from tars.runner.toolchains.executable import Executable\n"
        "class Third(Executable):\n    name = 'third'\n    suffixes = ('.third',)\n"
        "    def sample(self):\n        return 'agent.third', b'#!/bin/sh\\ncat\\n'\n"
        "PLUGIN = Third()\n"
    )
    about = tmp_path / "third-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: third\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[tars.toolchains]\nthird = third:PLUGIN\n")
    code = (
        "import sys; from pathlib import Path; from tars.runner.toolchain import TOOLCHAINS\n"
        "from tars.runner.building.trial import try_sample; from tars.store.shared import Shared\n"
        "assert 'third' in TOOLCHAINS.names()\n"
        f"readiness = try_sample('third', Path({str(tmp_path)!r}), Shared(Path({str(shared.root)!r})))\n"
        "assert readiness.ready, readiness\n"
    )
    done = subprocess.run(
        (sys.executable, "-c", code), env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_planning_ten_thousand_modules_is_cheap(tmp_path: Path) -> None:
    """Executables and plain Python files: planning and keys cost about 0.1 ms each, so a generous bound is 2 ms."""
    count = 300
    for number in range(count):
        (tmp_path / f"a{number}.py").write_text(f"import sys\nprint({number})\n")
    files = ProjectFiles(tmp_path)
    for language in ("python", "executable"):
        toolchain = TOOLCHAINS.load(language)
        found = found_for(source_of(module_of(language, "a0.py"), tmp_path, files=files))
        began = perf_counter()
        for number in range(count):
            source = source_of(module_of(language, f"a{number}.py"), tmp_path, files=files)
            build_key(source, toolchain.plan(source, found), found)
        each = (perf_counter() - began) / count
        assert each < 0.002, f"{language}: {each * 1e6:.0f} µs each"


def test_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "chosen"))
    assert cache_folder() == tmp_path / "chosen"
