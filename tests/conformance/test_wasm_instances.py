"""Instances of WebAssembly modules are fresh: the place that one had is wiped before the next has it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.runner import shims
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.wasm import WasmSandbox
from tars.runner.values import Cell, Limits

pytest.importorskip("wasmtime", reason="the extra `wasm` is not installed")

HOST = str(Path(next(iter(shims.__path__)), "wasm_host.py"))
REMAINS = """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $count (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $at (mut i32) (i32.const 4096))
  (table $table 1 100 funcref)
  (elem declare func $mark)
  (data (i32.const 16) "BITTEN") (data (i32.const 70000) "mine")
  (func $mark (drop (table.grow $table (ref.func $mark) (i32.const 50))))
  (func $look (result i32)
    (global.set $at (i32.const 72000))
    (loop $on
      (if (i64.ne (i64.load (global.get $at)) (i64.const 0)) (then (return (i32.const 1))))
      (global.set $at (i32.add (global.get $at) (i32.const 8)))
      (br_if $on (i32.lt_u (global.get $at) (i32.mul (memory.size) (i32.const 65536)))))
    (i32.or (i32.ne (i32.load (i32.const 70000)) (i32.const 0x656e696d)) (i32.ne (table.size $table) (i32.const 1))))
  (func (export "_start")
    (drop (memory.grow (i32.const 98)))
    (drop (call $count (i32.const 0) (i32.const 4)))
    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1))
      (then (call $mark) (memory.fill (i32.const 64000) (i32.const 255) (i32.const 6000000))))
    (if (call $look) (then
      (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))))"""
"""Looks for anything in its memory and its table that it did not put there; with an argument it fills them first."""
MANY = f'(module {"(memory 1)" * 9}{"(table 1 funcref)" * 9} (func (export "_start")))'


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WasmSandbox]:
    made = WasmSandbox(cache=tmp_path_factory.mktemp("cache"))
    yield made
    made.hosts.end()


def cell(folder: Path, name: str, text: str, *arguments: str) -> Cell:
    (folder / name).write_text(text)
    argv = (sys.executable, "-I", HOST, "run", str(folder / name), "", "--", *arguments)
    return Cell(argv, folder, {}, Limits(seconds_max=20), writes=(folder,))


def test_nothing_of_a_guest_remains_for_the_next(sandbox: WasmSandbox, tmp_path: Path) -> None:
    same, other = cell(tmp_path, "one.wat", REMAINS), cell(tmp_path, "two.wat", REMAINS.replace("mine", "mine, yours"))
    outcome = run_cell(sandbox, cell(tmp_path, "one.wat", REMAINS, "fill"))
    assert (outcome.ok, outcome.stdout) == (True, b"BITTEN"), "the control: what is there is found"
    for each in (same, other, same):
        outcome = run_cell(sandbox, each)
        assert (outcome.ok, outcome.stdout) == (True, b"")


def test_a_module_that_does_not_fit_into_the_ready_place_runs(sandbox: WasmSandbox, tmp_path: Path) -> None:
    outcome = run_cell(sandbox, cell(tmp_path, "many.wat", MANY))
    assert outcome.ok, outcome


def test_a_python_without_wasmtime_says_so(tmp_path: Path) -> None:
    python = WasmSandbox(python="/bin/false", cache=tmp_path)
    assert "/bin/false cannot run WebAssembly: it ended" in python.readiness().detail
    (tmp_path / "python").write_text("#!/bin/sh\necho trace >&2\necho 'no module wasmtime' >&2\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    python = WasmSandbox(python=str(tmp_path / "python"), cache=tmp_path)
    assert python.readiness().detail.endswith("python cannot run WebAssembly: no module wasmtime")
