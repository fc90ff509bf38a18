"""Tools are found as the real programs that they are, asked for their version once, and named with how to get them."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building import tools
from tars.runner.building.tool_places import _esbuilds
from tars.runner.building.tools import detect, install_command, missing_message, numbers
from tars.runner.building.version_managers import manager_of
from tars.runner.toolchains._tools import ESBUILD, GO, NODE, TSC, WASMTIME, python
from tars.runner.values import Tool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in programs are shell scripts")

VECTOR_AGENT = Module("go_module.vector_agent", "vector_agent", "go", Span("scaffold.tars", 0, 1), source="a.go")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty home, an empty cache, and the basic programs alone on PATH."""
    programs = tmp_path / "basic"
    programs.mkdir()
    for name in ("sh", "cat", "echo", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{programs}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RUSTUP_TOOLCHAIN", raising=False)
    forget(monkeypatch)
    return tmp_path


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new process knows nothing of what was found before."""
    monkeypatch.setattr(tools, "_memory", {})
    monkeypatch.setattr(tools, "_recorded", {})


def program(path: Path, version: str, *, code: int = 0) -> Path:
    """A stand-in that tells its version, and counts how often it was asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho asked >> '{path}.asked'\necho '{version}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def asked(path: Path) -> int:
    log = Path(f"{path}.asked")
    return len(log.read_text().split()) if log.exists() else 0


def test_version_is_asked_once_per_program(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(machine / "bin" / "mytool", "mytool version v1.26.8 linux/amd64")
    for _ in range(3):
        found = detect(Tool("mytool"))
        assert found is not None
        assert (found.path, found.version) == (str(path), "1.26.8 linux/amd64")
        forget(monkeypatch)
    assert asked(path) == 1
    program(path, "mytool 2.0")
    os.utime(path, (5, 5))
    found = detect(Tool("mytool"))
    assert found is not None
    assert found.version == "2.0", "another program at the same place"
    assert asked(path) == 2


def test_who_packaged_a_tool_is_not_its_version(machine: Path) -> None:
    program(machine / "bin" / "mytool", "mytool (Debian 12.2.0-14+deb12u1) 12.2.0")
    found = detect(Tool("mytool"))
    assert found is not None
    assert found.version == "12.2.0"


def test_program_without_an_option_for_its_version(machine: Path) -> None:
    """It is asked on stdin; that it did not tell before, asked in another way, does not count."""
    path = machine / "bin" / "mytool"
    path.parent.mkdir()
    path.write_text('#!/bin/sh\nread line\n[ "$line" = "what are you" ] && echo 8.6.13\nexit 0\n')
    path.chmod(0o755)
    assert detect(Tool("mytool", version_arguments=())) is None
    found = detect(Tool("mytool", (8, 6), (), version_input=b"what are you\n"))
    assert found is not None
    assert found.version == "8.6.13"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1, "programs": 7}', b"\xff\xfe"])
def test_damaged_notes_are_made_anew(machine: Path, content: bytes) -> None:
    (machine / "cache").mkdir()
    (machine / "cache" / "tools.json").write_bytes(content)
    program(machine / "bin" / "mytool", "3.1")
    assert detect(Tool("mytool")) is not None
    assert json.loads((machine / "cache" / "tools.json").read_bytes())["format"] == tools.CACHE_FORMAT


def test_cache_that_cannot_be_written_only_costs_time(machine: Path) -> None:
    (machine / "cache").write_text("a file where the folder should be")
    program(machine / "bin" / "mytool", "3.1")
    assert detect(Tool("mytool")) is not None


def test_program_that_does_not_work_is_not_found(machine: Path) -> None:
    path = program(machine / "bin" / "mytool", "3.1", code=1)
    assert detect(Tool("mytool")) is None
    assert detect(Tool("mytool")) is None
    assert asked(path) == 1


def test_older_one_is_passed_over(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = program(machine / "old" / "node", "v12.1.0")
    monkeypatch.setenv("PATH", f"{machine / 'old'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", str(machine / "none" / "python"))
    monkeypatch.setattr(sys, "path", [])
    assert detect(NODE) is None
    message = missing_message(NODE, VECTOR_AGENT, "scaffold.tars:31")
    assert message.startswith(
        "[ERROR] Node.js 18 or newer not found "
        f"(needed by go_module vector_agent, scaffold.tars:31; {old} is 12.1.0). Install it: "
    )
    program(machine / "bin" / "node", "v20.2.0")
    found = detect(NODE)
    assert found is not None
    assert found.version == "20.2.0"


def test_message_is_the_one_of_the_specification(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = f"{sys.executable} -m pip install"
    monkeypatch.setattr(sys, "executable", str(machine / "none" / "python"))
    wanted = "[ERROR] Go toolchain not found (needed by go_module vector_agent, scaffold.tars:31). Install it: "
    for manager, command in (
        ("", f"{pip} 'tars-agents[go]'"),
        ("apt-get", "apt-get install golang-go"),
        ("dnf", "dnf install golang"),
    ):
        if sys.platform != "linux" and manager:
            continue
        if manager:
            program(machine / "bin" / manager, "1")
        message = missing_message(GO, VECTOR_AGENT, "scaffold.tars:31")
        assert message in (wanted + command, wanted + "sudo " + command)
        (machine / "bin" / manager).unlink() if manager else None
    assert install_command(WASMTIME) == f"{pip} 'tars-agents[wasm]'"


def test_shims_are_seen_through(machine: Path) -> None:
    real = program(machine / "home" / ".pyenv" / "versions" / "9.9" / "bin" / "mytool", "9.9.1")
    shim = program(machine / "home" / ".pyenv" / "shims" / "mytool", "never asked")
    manager = machine / "home" / ".pyenv" / "bin" / "pyenv"
    manager.parent.mkdir()
    manager.write_text(f"#!/bin/sh\n[ \"$1 $2\" = 'which mytool' ] && echo '{real}'\n")
    manager.chmod(0o755)
    (machine / "bin").symlink_to(shim.parent)
    os.environ["PATH"] = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    found = detect(Tool("mytool"))
    assert found is not None
    assert (found.path, found.version) == (str(real), "9.9.1")
    assert asked(shim) == 0


def test_a_component_that_was_added_makes_a_shim_of_rustup_work(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUSTUP_HOME", raising=False)
    library = machine / "home" / ".rustup" / "toolchains" / "stable" / "lib" / "rustlib"
    real = machine / "home" / ".rustup" / "toolchains" / "stable" / "bin" / "mytool"
    library.mkdir(parents=True)
    (library / "components").write_text("rustc\n")
    rustup = machine / "bin" / "rustup"
    rustup.parent.mkdir()
    rustup.write_text(f"#!/bin/sh\n[ -f '{real}' ] && echo '{real}'\n")
    rustup.chmod(0o755)
    os.link(rustup, machine / "bin" / "mytool")
    assert detect(Tool("mytool")) is None
    program(real, "mytool 2.0")
    (library / "components").write_text("rustc\nmytool\n")
    forget(monkeypatch)
    found = detect(Tool("mytool"))
    assert found is not None
    assert (found.path, found.version) == (str(real), "2.0")


def test_shim_of_an_unknown_manager_is_passed_over(machine: Path) -> None:
    program(machine / "odd" / "shims" / "mytool", "1.0")
    os.environ["PATH"] = f"{machine / 'odd' / 'shims'}{os.pathsep}{os.environ['PATH']}"
    assert detect(Tool("mytool")) is None
    real = program(machine / "bin" / "mytool", "2.0")
    found = detect(Tool("mytool"))
    assert found is not None
    assert found.path == str(real)


def test_link_with_another_name_keeps_its_name(machine: Path) -> None:
    """A program that serves many names (snap, busybox) looks at the name it was called by."""
    many = program(machine / "lib" / "snap", "7.0")
    (machine / "bin").mkdir(exist_ok=True)
    (machine / "bin" / "mytool").symlink_to(many)
    found = detect(Tool("mytool"))
    assert found is not None
    assert found.path == str(machine / "bin" / "mytool")
    assert manager_of(found.path, "mytool") == ""


def test_rust_is_never_the_proxy_of_rustup() -> None:
    found = detect(Tool("rustc"))
    if found is None:
        pytest.skip("rustc is not here")
    assert os.path.basename(os.path.realpath(found.path)) != "rustup"
    assert numbers(found.version) >= (1,)


def test_python_is_the_one_beneath_not_a_virtual_environment(machine: Path) -> None:
    found = detect(python(""))
    assert found is not None
    assert not (Path(found.path).parent.parent / "pyvenv.cfg").exists()
    assert numbers(found.version)[:2] == sys.version_info[:2]
    environment = machine / "venv"
    program(environment / "bin" / "python3.77", "Python 3.77.0")
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    os.environ["PATH"] = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    assert detect(python("3.77")) is None
    program(machine / "home" / ".pyenv" / "versions" / "3.77.0" / "bin" / "python3.77", "Python 3.77.0")
    newer = program(machine / "home" / ".pyenv" / "versions" / "3.77.10" / "bin" / "python3.77", "Python 3.77.10")
    found = detect(python("python3.77"))
    assert found is not None
    assert found.path == str(newer)


def test_esbuild_is_the_native_program(machine: Path) -> None:
    program(machine / "bin" / "esbuild", "0.25.0")
    assert detect(ESBUILD) is None, "a script that starts node is not it"
    assert list(tools.places("esbuild", machine / "project", machine / "cache")) == []
    ((package, file), _) = _esbuilds()
    native = packaged(machine / "project", package, file, "0.25.1")
    shutil.copy(shutil.which("sh") or "/bin/sh", native)
    assert list(tools.places("esbuild", machine / "project", machine / "cache")) == [(str(native), "0.25.1")]


def packaged(root: Path, package: str, file: str, version: str) -> Path:
    """A package of node below the folder, and its program, which would tell another version."""
    path = program(root / "node_modules" / package / file, "99.9.9")
    (root / "node_modules" / package / "package.json").write_text(json.dumps({"version": version}))
    return path


def test_typescript_of_the_project_comes_first_and_is_not_started_to_be_found(machine: Path) -> None:
    for root in (machine / "project", machine / "cache" / "tools"):
        packaged(root, "typescript", "bin/tsc", "5.9.2")
    found = detect(TSC, machine / "project")
    assert found is not None
    assert found.path.startswith(str(machine / "project"))
    assert found.version == "5.9.2"
    assert asked(Path(found.path)) == 0
    packaged(machine / "project", "typescript", "bin/tsc", "5.9\x1b[2J")
    elsewhere = detect(TSC)
    assert elsewhere is not None
    assert not [path for path, _ in tools.places("tsc", machine / "project", machine / "cache") if "/project/" in path]
    assert elsewhere.path.startswith(str(machine / "cache"))
