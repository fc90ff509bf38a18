"""The peak memory of a run of 10,000 modules, cold and cached, beside a bare Python and doit with as many tasks.

Goal: TARS stays under 300 MB.
"""

import argparse
import os
import sys
from pathlib import Path

import _peers
import _tars
from _measure import Contender, copier, environment, machine, scratch

MEMORY_BYTES_MAX = 300_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=10_000)
    count = parser.parse_args().modules
    if not hasattr(os, "wait4"):
        print("Error: this system does not tell the peak memory of a process\nHint: run it on Linux or macOS")
        return 3
    with scratch("memory") as root:
        folder = root / "tars"
        _tars.lay_out(folder, "independent", count, "none")
        rows = [_tars.cold("TARS, cold", folder), _tars.cached("TARS, cached", folder)]
        rows += doit(root, count)
        rows.append(Contender("python -c pass", (sys.executable, "-c", "pass"), root))
        print(f"{count} modules: peak memory in MB ({machine()})")
        most = 0
        for row in rows:
            peak = peak_bytes(row)
            most = max(most, peak if row.name.startswith("TARS") else 0)
            print(f"  {row.name:20}{peak / 1e6:8.0f}", flush=True)
    print(f"  goal < {MEMORY_BYTES_MAX / 1e6:.0f} MB: {'met' if most < MEMORY_BYTES_MAX else 'NOT MET'}")
    return 0 if most < MEMORY_BYTES_MAX else 1


def doit(root: Path, count: int) -> list[Contender]:
    peer = next(peer for peer in _peers.PEERS if peer.program == "doit")
    program = _peers.find(peer)
    if program is None:
        return []
    _peers.lay_out(peer, root / "doit", count, str(copier(root)))
    return [Contender("doit, cached", (program, *peer.arguments), root / "doit", lambda: _run(root, program, peer))]


def _run(root: Path, program: str, peer: _peers.Peer) -> None:
    peak_bytes(Contender("doit, cold", (program, *peer.arguments), root / "doit"))


def peak_bytes(row: Contender) -> int:
    """The most memory that the process, or any one process that it waited for, held at once; on Linux never less than
    what this process holds when it starts the other."""
    row.before()
    read, write = os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY)
    files = [(os.POSIX_SPAWN_DUP2, read, 0), *((os.POSIX_SPAWN_DUP2, write, stream) for stream in (1, 2))]
    env = environment(row.folder)
    before = Path.cwd()
    os.chdir(row.folder)
    process = os.posix_spawn(row.argv[0], row.argv, env, file_actions=files)
    os.chdir(before)
    _, status, usage = os.wait4(process, 0)
    os.close(read)
    os.close(write)
    if status:
        raise SystemExit(f"Error: {row.name} failed ({os.waitstatus_to_exitcode(status)})")
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    sys.exit(main())
