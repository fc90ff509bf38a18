"""200 modules that rest on nothing but a file each, cold and fully cached, beside bare loops and other runners.

Goals: cold at most 1.0 × a bare asyncio subprocess loop and at least 10 × faster than snakemake; fully cached at most
1.0 × `make -j2` and `just` with its cache, at least 6 × faster than doit and go-task, at least 50 × snakemake.

All start the same program, a few lines of C that copy a file, at most two at once. Without a sandbox, as the others do
it; TARS in its default sandbox is a row of its own.
"""

import argparse
import sys
from pathlib import Path

import _peers
import _tars
from _measure import Contender, Goal, copier, interleaved, report, scratch

ASYNCIO_LOOP = """
import asyncio, sys
async def main(count):
    gate = asyncio.Semaphore(2)
    async def one(n):
        async with gate:
            process = await asyncio.create_subprocess_exec("./copier", f"in/{n}", f"out/{n}")
            assert await process.wait() == 0
    await asyncio.gather(*(one(n) for n in range(count)))
asyncio.run(main(int(sys.argv[1])))
"""
BARE_LOOP = """
import subprocess, sys
for n in range(int(sys.argv[1])):
    subprocess.run(["./copier", f"in/{n}", f"out/{n}"], check=True)
"""
DUTIES_LOOP = """
import json, os, subprocess, sys
from blake3 import blake3
def read(path):
    with open(path, "rb") as file: return file.read()
def write(path, data):
    with open(path, "xb") as file: file.write(data)
    return path
from concurrent.futures import ThreadPoolExecutor
for folder in ("objects", "logs", "versions"):
    os.mkdir(f"kept/{folder}")
def one(n):
    said = subprocess.run(["./copier", f"in/{n}", f"out/{n}"], check=True, capture_output=True)
    grounds = {"input": blake3(read(f"in/{n}")).hexdigest(), "program": blake3(read("copier")).hexdigest()}
    output = read(f"out/{n}")
    copy = write(f"kept/objects/{n}-{blake3(output).hexdigest()}", output)
    write(f"kept/logs/{n}.json", json.dumps({**grounds, "stdout": said.stdout.decode()}).encode())
    os.makedirs(f"kept/versions/{n}/outputs/out")
    os.link(copy, f"kept/versions/{n}/outputs/out/{n}")
with ThreadPoolExecutor(2) as pool:
    list(pool.map(one, range(int(sys.argv[1]))))
os.sync()
"""
"""What TARS does beyond starting a program, as little of it as can be: inputs hashed, outputs hashed and stored, a
record and a version of each, all of it durable; no journal, no scratch folder, no check, no limit, no graph."""
COLD_GOALS = (Goal("asyncio loop", ratio_max=1.0), Goal("snakemake -c 2", faster_min=10))
CACHED_GOALS = (
    Goal("make -j2", ratio_max=1.0),
    Goal("just [cache]", ratio_max=1.0),
    Goal("doit -n 2", faster_min=6),
    Goal("go-task -C 2", faster_min=6),
    Goal("snakemake -c 2", faster_min=50),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with scratch("independent") as root:
        ours = tars_rows(root, options.modules)
        floors = floor_rows(root, options.modules)
        peers = peer_rows(root, options.modules)
        times = interleaved([*ours["cold"], *floors, *peers["cold"]], options.rounds)
        met = report(f"{options.modules} independent modules, cold", times, "TARS", COLD_GOALS)
        cached = [*ours["cached"], *peers["cached"]]
        interleaved(cached, 1)
        times = interleaved(cached, options.rounds)
        met &= report(f"\n{options.modules} independent modules, fully cached", times, "TARS", CACHED_GOALS)
    return 0 if met else 1


def tars_rows(root: Path, count: int) -> dict[str, list[Contender]]:
    rows: dict[str, list[Contender]] = {"cold": [], "cached": []}
    for name, sandbox in (("TARS", "none"), ("TARS, default sandbox", "")):
        folder = root / f"tars-{sandbox or 'default'}"
        _tars.lay_out(folder, "independent", count, sandbox)
        rows["cold"].append(_tars.cold(name, folder))
        rows["cached"].append(_tars.cached(name, folder))
    return rows


def floor_rows(root: Path, count: int) -> list[Contender]:
    folder = root / "floor"
    (folder / "out").mkdir(parents=True)
    _peers.inputs(folder, count)
    copier(folder)
    loops = (
        ("asyncio loop", ASYNCIO_LOOP),
        ("subprocess loop, one at a time", BARE_LOOP),
        ("threads, and what is kept", DUTIES_LOOP),
    )

    def forget() -> None:
        for name in ("out", "kept"):
            _peers.set_aside(folder / name)
            (folder / name).mkdir()

    return [Contender(name, (sys.executable, "-c", program, str(count)), folder, forget) for name, program in loops]


def peer_rows(root: Path, count: int) -> dict[str, list[Contender]]:
    rows: dict[str, list[Contender]] = {"cold": [], "cached": []}
    for peer in _peers.PEERS:
        program = _peers.find(peer)
        if program is None:
            continue
        folder = root / peer.program
        _peers.lay_out(peer, folder, count, str(copier(root)))
        argv = (program, *peer.arguments)

        def forget(peer: _peers.Peer = peer, folder: Path = folder) -> None:
            _peers.forget(peer, folder)

        rows["cold"].append(Contender(peer.name, argv, folder, forget))
        rows["cached"].append(Contender(peer.name, argv, folder))
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
