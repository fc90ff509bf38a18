"""Attacks a sandbox on this machine with the programs in `attacks/<guarantee>/`, from a world made for it.

Each program tries one thing that its guarantee forbids. It bites when it prints BITTEN, or when the world outside of
its cell is seen to have changed. What a sandbox withstands is so found out, and not believed.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import Final, Literal

from ducktools.classbuilder.prefab import Prefab

from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import Sandbox, host_of
from tars.runner.values import Cell, Guarantee, Limits, Outcome

FOLDER: Final = Path(__file__).parent / "attacks"
LIMITS: Final = {
    Guarantee.MEMORY: Limits(seconds_max=20, memory_bytes_max=64 << 20),
    Guarantee.PROCESSES: Limits(seconds_max=20, processes_max=12),
}
PYTHON: Final = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
SETTLE_SECONDS: Final = 0.02
Verdict = Literal["held", "open", "claimed", "watched"]
"""`claimed`: not attacked here, because the sandbox runs none of these programs. `watched`: it is not claimed, and the
attacks failed this time; a quicker one may not."""


class World(Prefab, frozen=True, slots=False):
    """What there is outside of a cell, and its project and scratch folders."""

    folder: Path
    victim: Popen[bytes]
    terminal: int
    env: dict[str, str]

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def cell(self, *argv: str, limits: Limits = Limits(seconds_max=20)) -> Cell:  # noqa: B008
        reads = (self.project, FOLDER, Path(sys.base_prefix))
        return Cell(argv, self.scratch, self.env, limits, reads=reads, writes=(self.scratch,))

    def state(self) -> object:
        """All that an attack may change without being told whether it did."""
        files = {
            str(path): (path.stat().st_mode, path.stat().st_mtime, path.is_file() and path.read_bytes())
            for root in (self.folder / "outside", self.project)
            for path in root.rglob("*")
        }
        return files, self.victim.poll()

    def typed(self) -> bytes:
        """What was written on the terminal since it was last asked."""
        with suppress(BlockingIOError):
            return os.read(self.terminal, 1000)
        return b""


def programs(guarantee: Guarantee) -> list[Path]:
    """The attacks on that guarantee."""
    return sorted(FOLDER.glob(f"{guarantee}/*.py"))


@contextmanager
def make_world(folder: Path) -> Iterator[World]:
    """A secret, a project, a victim, a terminal and servers, below an empty folder; all gone afterwards."""
    for name in ("outside", "scratch", "project"):
        (folder / name).mkdir()
    (folder / "outside" / "secret").write_text("open sesame")
    (folder / "project" / "source").write_text("source")
    servers = _servers()
    master, slave = os.openpty()
    os.set_blocking(master, False)
    victim = Popen(["/bin/sh", "-c", "sleep 60.5; : victim"], env={"VICTIM_SECRET": "x"})
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "OUTSIDE": str(folder / "outside"),
        "SECRET_FILE": str(folder / "outside" / "secret"),
        "PROJECT": str(folder / "project"),
        "VICTIM": str(victim.pid),
        "TERMINAL": os.ttyname(slave),
        **servers.env,
    }
    try:
        yield World(folder, victim, master, env)
    finally:
        victim.kill()
        victim.wait()
        servers.close()
        os.close(master)
        os.close(slave)


def attack(sandbox: Sandbox, tried: Sequence[Path], world: World) -> tuple[bool, Outcome]:
    """Whether one of these attacks on the same guarantee bit, all of them run in one cell, and what came of it."""
    before = world.state()
    guarantee = Guarantee(tried[0].parent.name)
    script = 'for attack; do "$PYTHON" -I -S -B "$attack"; done'
    cell = world.cell("/bin/sh", "-c", script, "sh", *map(str, tried), limits=LIMITS.get(guarantee, Limits(20)))
    outcome = run_cell(sandbox, _with(cell, PYTHON=PYTHON))
    if guarantee == Guarantee.SIGNALS:
        time.sleep(SETTLE_SECONDS)
    return b"BITTEN" in outcome.stdout + world.typed() or world.state() != before, outcome


def judge(sandbox: Sandbox) -> dict[Guarantee, Verdict]:
    """What the sandbox withstands on this machine. Attacks that use up what is limited run alone, the others of a
    guarantee together; each guarantee is attacked in a world of its own."""
    if host_of(sandbox) is not None:
        return {guarantee: "claimed" if guarantee in sandbox.guarantees() else "open" for guarantee in Guarantee}
    found: dict[Guarantee, Verdict] = {}
    for guarantee in Guarantee:
        tried = programs(guarantee)
        rounds = [[each] for each in tried] if guarantee in LIMITS else [tried]
        found[guarantee] = "held" if guarantee in sandbox.guarantees() else "watched"
        for each in rounds:
            with TemporaryDirectory(prefix="tars-attack-") as folder, make_world(Path(folder)) as world:
                if attack(sandbox, each, world)[0]:
                    found[guarantee] = "open"
    return found


def _with(cell: Cell, **variables: str) -> Cell:
    return Cell(cell.argv, cell.cwd, {**cell.env, **variables}, cell.limits, cell.reads, cell.writes, cell.network)


class _Servers(Prefab, frozen=True, slots=False):
    env: dict[str, str]
    close: Callable[[], None]


def _servers() -> _Servers:
    """A TCP, a UDP and two Unix servers that say hello to whoever comes."""
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    by_file, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    name = f"tars-{os.getpid()}-{time.monotonic_ns()}"
    by_file.bind(f"/tmp/{name}")
    abstract.bind(f"\0{name}")

    def welcome(server: socket.socket) -> None:
        try:
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.send(b"hello")
        except OSError:
            return

    def answer() -> None:
        try:
            while True:
                udp.sendto(b"hello", udp.recvfrom(100)[1])
        except OSError:
            return

    for server in (by_file, abstract):
        server.listen()
    threads = [threading.Thread(target=welcome, args=(each,), daemon=True) for each in (tcp, by_file, abstract)]
    threads.append(threading.Thread(target=answer, daemon=True))
    for thread in threads:
        thread.start()

    def close() -> None:
        for each in (tcp, by_file, abstract):
            each.shutdown(socket.SHUT_RDWR)
            each.close()
        os.unlink(f"/tmp/{name}")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            address = udp.getsockname()
            udp.close()
            last.sendto(b"", address)

    ports = {"TCP_PORT": str(tcp.getsockname()[1]), "UDP_PORT": str(udp.getsockname()[1])}
    return _Servers({**ports, "ABSTRACT": name, "SOCKET_FILE": f"/tmp/{name}"}, close)
