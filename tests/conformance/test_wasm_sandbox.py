"""Attacks the `wasm` sandbox from inside WebAssembly: it claims every guarantee, and each attack has a control.

The attacks of `attacks/` are native programs, which this sandbox does not run. Those here are written as text, and try
every descriptor and every path that leads outside. The control is the same guest with what it attacks granted to it.
"""

import os
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.values import Readiness
from tars.lang.values import Resources
from tars.runner import shims
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import Policy, choose
from tars.runner.sandboxes.wasm import WasmSandbox, guest_of
from tars.runner.values import Cell, Guarantee, Limits, Outcome, Stop

pytest.importorskip("wasmtime", reason="the extra `wasm` is not installed")

HOST = str(Path(next(iter(shims.__path__)), "wasm_host.py"))
LAST_DESCRIPTOR = 8
HEAD = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_set_times"
    (func $times (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "BITTEN\\n")
  (func $bitten
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 7))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $steal (param $fd i32) (param $at i32) (param $length i32)
    (if (i32.eqz (call $open (local.get $fd) (i32.const 1) (local.get $at) (local.get $length) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))
      (then
        (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 64))
        (drop (call $read (i32.load (i32.const 64)) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (i32.eq (i32.load (i32.const 4096)) (i32.const 0x6e65706f)) (then (call $bitten))))))
  (func $spoil (param $fd i32) (param $at i32) (param $length i32) (param $how i32)
    (if (i32.eqz (call $open (local.get $fd) (i32.const 1) (local.get $at) (local.get $length) (local.get $how)
          (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 64)))
      (then
        (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 7))
        (drop (call $write (i32.load (i32.const 64)) (i32.const 0) (i32.const 1) (i32.const 8))))))
"""


@dataclass(frozen=True)
class Place:
    """A folder with a secret outside of the guest's own, a project that it may read, and its scratch folder."""

    folder: Path

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def outside(self) -> Path:
        return self.folder / "outside"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def cell(self, text: str, *arguments: str, **limits: float | int) -> Cell:
        module = self.folder / "guest.wat"
        module.write_text(text)
        argv = (sys.executable, "-I", HOST, "run", str(module), "", "--", *arguments)
        given = Limits(**{"seconds_max": 20, **limits})  # type: ignore[arg-type]
        return Cell(argv, self.scratch, {"NAME": "value"}, given, reads=(self.project,), writes=(self.scratch,))

    def state(self) -> object:
        files = (path for root in (self.outside, self.project) for path in sorted(root.rglob("*")))
        return [(str(path), path.stat().st_mtime_ns, path.read_bytes()) for path in files]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WasmSandbox]:
    found = WasmSandbox(cache=tmp_path_factory.mktemp("cache"))
    readiness = found.readiness()
    assert readiness.ready, readiness
    yield found
    found.hosts.end()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    for folder in (made.scratch, made.outside, made.project):
        folder.mkdir()
    (made.outside / "secret").write_text("open sesame")
    (made.project / "source").write_text("open source")
    return made


def guest(place: Place, *calls: str) -> str:
    """A module that makes the calls with every descriptor as `$FD`; `"text"` in a call stands for its place and
    length in memory."""
    data: dict[str, int] = {}
    at = 8192
    body = []
    for call in calls:
        text = call
        while '"' in text:
            before, word, after = text.split('"', 2)
            if word not in data:
                data[word] = at
                at += len(word) + 8
            text = f"{before}(i32.const {data[word]}) (i32.const {len(word)}){after}"
        body += [text.replace("$FD", f"(i32.const {fd})") for fd in range(3, LAST_DESCRIPTOR + 1)]
    segments = "\n".join(f'(data (i32.const {where}) "{word}")' for word, where in data.items())
    return f'{HEAD}{segments}(func (export "_start")\n' + "\n".join(body) + "\n))"


READ = ("secret", "../outside/secret", "{outside}/secret", "..{outside}/secret", "/proc/self/root{outside}/secret")
STEAL = ('(call $steal $FD "peek")', '(call $steal $FD "secret")')
ATTACKS: dict[str, tuple[str, ...]] = {
    "open a secret": tuple(f'(call $steal $FD "{path}")' for path in READ),
    "read through a link": ('(drop (call $symlink "../outside/secret" $FD "peek"))', *STEAL),
    "read through an absolute link": ('(drop (call $symlink "{outside}/secret" $FD "peek"))', *STEAL),
    "read through a hard link": (
        '(drop (call $link $FD (i32.const 0) "../outside/secret" (i32.const 3) "peek"))',
        '(drop (call $link $FD (i32.const 0) "secret" (i32.const 3) "peek"))',
        '(call $steal $FD "peek")',
    ),
    "create": tuple(f'(call $spoil $FD "{path}" (i32.const 1))' for path in ("../outside/new", "new")),
    "overwrite": tuple(f'(call $spoil $FD "{path}" (i32.const 0))' for path in ("source", "{project}/source")),
    "truncate": ('(call $spoil $FD "source" (i32.const 8))',),
    "remove": tuple(f'(drop (call $unlink $FD "{path}"))' for path in ("source", "../project/source")),
    "rename away": tuple(
        f'(drop (call $rename $FD "{path}" (i32.const 3) "mine"))' for path in ("source", "../project/source")
    ),
    "times": ('(drop (call $times $FD (i32.const 0) "source" (i64.const 1) (i64.const 1) (i32.const 5)))',),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_files_are_held(sandbox: WasmSandbox, place: Place, name: str) -> None:
    calls = ATTACKS[name]
    words = {"outside": str(place.outside), "project": str(place.project)}
    cell = place.cell(guest(place, *(call.replace("{", "%(").replace("}", ")s") % words for call in calls)))
    before = place.state()
    outcome = run_cell(sandbox, cell)
    assert outcome.ok, outcome
    assert b"BITTEN" not in outcome.stdout
    assert place.state() == before
    for path in place.scratch.iterdir():
        path.unlink()
    granted = replace(cell, writes=(place.scratch, place.outside, place.project))
    control = run_cell(sandbox, granted)
    assert b"BITTEN" in control.stdout or place.state() != before, ("the control: granted, it must bite", control)


def test_a_project_that_may_be_read_is_read(sandbox: WasmSandbox, place: Place) -> None:
    """The control of the thief itself: it does read what may be read, under the name that the host knows."""
    assert b"BITTEN" in run_cell(sandbox, place.cell(guest(place, '(call $steal $FD "source")'))).stdout


def test_a_link_to_a_file_that_may_be_read_is_read_by_its_name(sandbox: WasmSandbox, place: Place) -> None:
    """As natively: a module finds the project's files beside it."""
    (place.scratch / "config").symlink_to(place.project / "source")
    (place.scratch / "stolen").symlink_to(place.outside / "secret")
    cell = place.cell(guest(place, '(call $steal $FD "config")'))
    single = subprocess.run(cell.argv, cwd=place.scratch, env=cell.env, capture_output=True, check=True)
    assert b"BITTEN" in single.stdout
    assert b"BITTEN" in run_cell(sandbox, cell).stdout
    assert b"BITTEN" not in run_cell(sandbox, place.cell(guest(place, '(call $steal $FD "stolen")'))).stdout


GROW = """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 16) "BITTEN")
  (func (export "_start")
    (if (i32.ne (memory.grow (i32.const 3072)) (i32.const -1))
      (then
        (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))))"""


def test_memory_is_held(sandbox: WasmSandbox, place: Place) -> None:
    assert run_cell(sandbox, place.cell(GROW, memory_bytes_max=64 << 20)).stdout == b""
    assert run_cell(sandbox, place.cell(GROW, memory_bytes_max=256 << 20)).stdout == b"BITTEN"
    born_big = '(module (memory 3072) (func (export "_start")))'
    outcome = run_cell(sandbox, place.cell(born_big, memory_bytes_max=64 << 20))
    assert (outcome.stop, outcome.detail) == (Stop.MEMORY, "it used more memory than 64 MiB")
    many = "(module " + "(memory 200)" * 6 + ' (func (export "_start")))'
    assert not run_cell(sandbox, place.cell(many, memory_bytes_max=8 << 20)).ok


IMPORTS = {
    "a socket": ("wasi_snapshot_preview1", "sock_open"),
    "a process": ("wasi_snapshot_preview1", "proc_spawn"),
    "a fork": ("env", "fork"),
    "a thread": ("wasi", "thread-spawn"),
    "a signal": ("env", "kill"),
    "a shell": ("env", "system"),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_there_is_no_way_to_ask_for(sandbox: WasmSandbox, place: Place, name: str) -> None:
    """What a guest cannot import it cannot do: network, processes and signals have no name in its world."""
    outside, what = IMPORTS[name]
    outcome = run_cell(sandbox, place.cell(f'(module (import "{outside}" "{what}" (func)) (func (export "_start")))'))
    assert not outcome.ok
    assert what in outcome.stderr.decode() + outcome.detail


def test_descriptors_are_no_sockets(sandbox: WasmSandbox, place: Place) -> None:
    calls = "(if (i32.eqz (call $accept $FD (i32.const 0) (i32.const 64))) (then (call $bitten)))"
    outcome = run_cell(sandbox, place.cell(guest(place, calls)))
    assert (outcome.ok, outcome.stdout) == (True, b"")


ENDLESS = '(module (func (export "_start") (loop $l (br $l))))'
BLOCKED = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const 60000000000))
    (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 512)))))"""


@pytest.mark.parametrize("text", [ENDLESS, BLOCKED], ids=["computes", "waits"])
def test_time_is_held(sandbox: WasmSandbox, place: Place, text: str) -> None:
    outcome = run_cell(sandbox, place.cell(text, seconds_max=0.3))
    assert (outcome.stop, outcome.detail) == (Stop.TIMEOUT, "it ran longer than its timeout of 0.3 s")
    assert outcome.seconds < 10
    assert run_cell(sandbox, place.cell(GROW)).ok  # the next guest is served


def test_fuel_is_held_and_is_the_same_each_time(sandbox: WasmSandbox, place: Place) -> None:
    outcome = run_cell(sandbox, place.cell(ENDLESS, fuel_max=1_000_000))
    assert (outcome.code, outcome.stderr) == (134, b"trap: it used up its fuel\n")
    least = 1 + bisect_left(
        range(1, 1 << 20), True, key=lambda fuel: run_cell(sandbox, place.cell(GROW, fuel_max=fuel)).ok
    )
    assert not run_cell(sandbox, place.cell(GROW, fuel_max=least - 1)).ok
    assert run_cell(sandbox, place.cell(GROW, fuel_max=least)).ok


def test_a_guest_is_cancelled(sandbox: WasmSandbox, place: Place) -> None:
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    assert run_cell(sandbox, place.cell(ENDLESS), cancel=cancel).stop is Stop.CANCELLED


ECHO = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start") (loop $more
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 65536))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (if (i32.load (i32.const 8)) (then
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))) (br $more))))))"""


def test_input_and_output_pass_whole(sandbox: WasmSandbox, place: Place) -> None:
    data = os.urandom(1 << 20) * 3
    told: list[bytes] = []
    outcome = run_cell(sandbox, place.cell(ECHO), stdin=data, watch=lambda _, piece: told.append(piece))
    assert outcome.stdout == data == b"".join(told)
    file = place.scratch / "input"
    file.write_bytes(b"from a file")
    assert run_cell(sandbox, place.cell(ECHO), stdin=file).stdout == b"from a file"
    few = run_cell(sandbox, place.cell(ECHO, output_bytes_max=1000), stdin=data)
    assert (len(few.stdout), few.stdout_dropped_bytes) == (1000, len(data) - 1000)


SAYS = """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 16) "secret")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))) unreachable))"""


def test_what_one_guest_says_the_next_does_not(sandbox: WasmSandbox, place: Place) -> None:
    """All guests of a host write to its own outputs: what one has written without a line's end is its own too."""
    outcome = run_cell(sandbox, place.cell(SAYS))
    assert (outcome.stdout, outcome.stderr[:6], outcome.code) == (b"secret", b"secret", 134)
    after = run_cell(sandbox, place.cell(ECHO))
    assert (after.stdout, after.stderr) == (b"", b"")


def test_a_watcher_that_raises_ends_the_guest(sandbox: WasmSandbox, place: Place) -> None:
    def refuse(_: str, data: bytes) -> None:
        raise InterruptedError(data)

    with pytest.raises(InterruptedError):
        run_cell(sandbox, place.cell(ECHO), stdin=b"x", watch=refuse)
    assert run_cell(sandbox, place.cell(ECHO), stdin=b"y").stdout == b"y"


def test_guests_at_once_do_not_meet(sandbox: WasmSandbox, place: Place) -> None:
    cell = place.cell(ECHO)
    outcomes: dict[int, Outcome] = {}

    def one(number: int) -> None:
        for turn in range(20):
            outcomes[number * 100 + turn] = run_cell(sandbox, cell, stdin=f"{number}.{turn}".encode())

    threads = [threading.Thread(target=one, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(outcome.stdout == f"{key // 100}.{key % 100}".encode() for key, outcome in outcomes.items())


def test_a_host_that_dies_takes_one_guest_with_it(sandbox: WasmSandbox, place: Place) -> None:
    assert run_cell(sandbox, place.cell(ECHO), stdin=b"x").ok
    for hosts in sandbox.hosts.idle.values():
        for host in hosts:
            host.process.kill()
            host.process.wait()
    time.sleep(0.05)
    lost = run_cell(sandbox, place.cell(ECHO), stdin=b"x")
    assert lost.ok or b"ended" in lost.stderr
    while sandbox.hosts.idle and any(sandbox.hosts.idle.values()) and not lost.ok:
        lost = run_cell(sandbox, place.cell(ECHO), stdin=b"x")
    assert run_cell(sandbox, place.cell(ECHO), stdin=b"x").stdout == b"x"


def test_machine_code_is_kept_by_content(place: Place, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for _ in range(2):
        sandbox = WasmSandbox(cache=cache)
        assert run_cell(sandbox, place.cell(ECHO), stdin=b"x").stdout == b"x"
        sandbox.hosts.end()
    (kept,) = (cache / "wasm").iterdir()
    made = kept.stat().st_mtime_ns
    kept.write_bytes(b"rot")
    sandbox = WasmSandbox(cache=cache)
    assert run_cell(sandbox, place.cell(ECHO), stdin=b"x").stdout == b"x", "what cannot be loaded is made anew"
    sandbox.hosts.end()
    assert kept.stat().st_mtime_ns > made
    assert kept.stat().st_size > 100


BROKEN = {"(module (oops))": "expected valid module field", '(module (func (export "other")))': "`other`"}


@pytest.mark.parametrize(("text", "says"), BROKEN.items(), ids=["is no module", "has no start"])
def test_what_cannot_start_says_why(sandbox: WasmSandbox, place: Place, text: str, says: str) -> None:
    outcome = run_cell(sandbox, place.cell(text))
    assert (outcome.stop, outcome.code) == (Stop.NOT_STARTED, 127)
    assert says in outcome.detail


def test_native_programs_are_refused(sandbox: WasmSandbox, place: Place) -> None:
    cell = replace(place.cell(ECHO), argv=("/bin/sh", "-c", "echo ran"))
    outcome = run_cell(sandbox, cell)
    assert (outcome.stop, outcome.stdout) == (Stop.NOT_STARTED, b"")
    assert "native" in outcome.detail
    taken, refusals = choose(("wasm", "none"))
    assert (taken.name, refusals[0][:6]) == ("none", "wasm: ")
    image = "a@sha256:" + "0" * 64
    for need in (Resources(network=True), Resources(gpu=1), Resources(cpu=1.0), Resources(image=image)):
        assert sandbox.lacks(Policy(need, wasm=True))
    assert sandbox.lacks(Policy(wasm=True)) == ""
    assert sandbox.guarantees() == frozenset(Guarantee)


def test_without_wasmtime_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    hint = f"{sys.executable} -m pip install 'tars-agents[wasm]'"
    assert WasmSandbox().readiness() == Readiness(False, "wasmtime is not installed", hint=hint)


def test_only_the_host_s_own_command_counts(place: Place) -> None:
    assert guest_of(("/bin/sh", "-c", "wasm_host.py run")) is None
    found = guest_of(place.cell(ECHO, "one", "--two").argv)
    assert found is not None
    assert found.arguments == ("one", "--two")
