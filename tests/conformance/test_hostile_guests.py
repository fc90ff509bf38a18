"""Runs hostile WebAssembly modules through the whole engine in the `wasm` sandbox: the host stays unharmed, and the
message says what happened. What a guest cannot even ask for is in `test_wasm_sandbox.py`."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.runner.events import Event, ModuleFinished, Options, Status
from tars.runner.run import run

pytest.importorskip("wasmtime", reason="the extra `wasm` is not installed")

HEAD = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $resize (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (memory (export "memory") 64)
  (data (i32.const 1024) "NAME") (data (i32.const 2048) "TEXT")
  (func $create (result i32) (local $folder i32)
    (local.set $folder (i32.const 3))
    (loop $on
      (if (i32.eqz (call $open (local.get $folder) (i32.const 1) (i32.const 1024) (i32.const LENGTH) (i32.const 1)
        (i64.const 4194368) (i64.const 0) (i32.const 0) (i32.const 64))) (then (return (i32.load (i32.const 64)))))
      (local.set $folder (i32.add (local.get $folder) (i32.const 1)))
      (br_if $on (i32.lt_u (local.get $folder) (i32.const 9))))
    unreachable)
  (func $say (param $fd i32) (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length))
    (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func (export "_start") (local $fd i32) """


def guest(body: str, name: str = "output/result", text: str = "x") -> str:
    """A module that has `$create` for the file of that name, `$say` for writing, and the text at 2048."""
    return (
        HEAD.replace("LENGTH", str(len(re.sub(r"\\(n|[0-9a-f]{2})", "?", name))))
        .replace("NAME", name)
        .replace("TEXT", text)
        + f"{body}))"
    )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOSTILE_SECRET", "open sesame")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "result").write_text("mine")
    (tmp_path / "project").mkdir()
    yield tmp_path / "project"
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"result": "mine"}


def ended(root: Path, text: str, more: str = '  output = "output/result"\n') -> ModuleFinished:
    (root / "hostile.wat").write_text(text)
    (root / "main.tars").write_text(
        f'wasm_module "hostile" {{\n  source = "hostile.wat"\n  sandbox = ["wasm"]\n  timeout = "20s"\n{more}}}\n'
    )
    events: list[Event] = list(run(Options(root / "main.tars", root)))
    return next(event for event in events if isinstance(event, ModuleFinished))


def test_a_disk_filler_is_ended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = os.statvfs(root)
    keep = status.f_bavail * status.f_frsize - (24 << 20)
    monkeypatch.setattr("tars.runner.execute.spared_bytes", lambda folder: keep)
    # Ended by itself after 800 MB where nothing ends it, for the machine's sake.
    fill = """(local.set $fd (call $create)) (i32.store (i32.const 100) (i32.const 200))
      (loop $on
        (drop (call $say (local.get $fd) (i32.const 0) (i32.const 4000000)))
        (i32.store (i32.const 100) (i32.sub (i32.load (i32.const 100)) (i32.const 1)))
        (br_if $on (i32.load (i32.const 100))))"""
    finished = ended(root, guest(fill))
    assert finished.status is Status.FAILED
    assert finished.error.startswith("it left less than"), finished.error


@pytest.mark.parametrize(
    ("body", "name", "says"),
    [
        ("(drop (call $resize (call $create) (i64.const 10737418240)))", "output/result", "sparse"),
        ("(drop (call $say (call $create) (i32.const 2048) (i32.const 1)))", "output/a\\nb", "control characters"),
        ("(drop (call $say (call $create) (i32.const 2048) (i32.const 1)))", "output/\\1b[31m", "control characters"),
    ],
    ids=["sparse", "newline", "escape"],
)
def test_outputs_are_refused_in_words(root: Path, body: str, name: str, says: str) -> None:
    finished = ended(root, guest(body, name), '  output = "output/result"\n' if name == "output/result" else "")
    assert (finished.status, says in finished.error) == (Status.FAILED, True), finished


@pytest.mark.parametrize("target", ["../../../../outside/result", "../main.tars"])
def test_a_link_in_the_place_of_the_output_is_refused(root: Path, target: str) -> None:
    link = "".join(
        f"(drop (call $symlink (i32.const 2048) (i32.const {len(target)}) (i32.const {folder}) (i32.const 1024)"
        " (i32.const 13)))"
        for folder in range(3, 9)
    )
    finished = ended(root, guest(link, text=target))
    assert (finished.status, "a symbolic link" in finished.error) == (Status.FAILED, True), finished


def test_a_memory_bomb_is_told_no(root: Path) -> None:
    bomb = "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable"
    finished = ended(root, guest(bomb), '  resources {\n    memory = "64MB"\n  }\n')
    assert finished.status is Status.FAILED
    assert "memory" in finished.error, finished


def test_the_users_secrets_are_not_in_its_environment(root: Path) -> None:
    say = """(drop (call $sizes (i32.const 16) (i32.const 20)))
      (drop (call $environ (i32.const 100000) (i32.const 200000)))
      (drop (call $say (call $create) (i32.const 200000) (i32.load (i32.const 20))))"""
    assert ended(root, guest(say)).status is Status.SUCCEEDED
    found = (root / "output" / "result").read_bytes()
    assert (b"TARS_MODULE=wasm_module.hostile" in found, b"open sesame" in found) == (True, False)


def test_terminal_sequences_are_not_sent_to_the_terminal(root: Path) -> None:
    say = "(drop (call $say (i32.const 1) (i32.const 2048) (i32.const 9))) unreachable"
    finished = ended(root, guest(say, text="\\1b[31mred\\n"))
    assert finished.error == "it trapped: wasm `unreachable` instruction executed (exit code 134)"
    shown = subprocess.run(
        [sys.executable, "-m", "tars.ui.cli", "run", "main.tars"],
        cwd=root,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (b"red" in shown.stdout + shown.stderr, b"\x1b" in shown.stdout + shown.stderr) == (True, False)


EXIT = """(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 300))))"""
TOLD = {
    "no exit code": (EXIT, "it failed: exit with invalid exit status outside of [0..126) (exit code 1)"),
    "an empty file": ("", "the build failed: exit code 1"),
    "a component that wants more": (
        '(component (import "evil:host/run" (instance (export "go" (func)))))',
        "does not export `wasi:cli/run`",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_run_is_told_in_words(root: Path, name: str) -> None:
    text, says = TOLD[name]
    finished = ended(root, text, "")
    assert (finished.status, says in finished.error) == (Status.FAILED, True), finished
    assert finished.record is not None
    assert "Traceback" not in str(finished.record["stderr"])
