"""What a module costs in a chain of 2,000, in a fan of 2,000, and as the number of modules grows.

Goals: a module of 10,000 costs at most 1.25 × one of 200, cold and cached alike; a module of the fan costs at most
1.5 × an independent one, and one of the chain, of which only one can run at a time, at most 1.5 × an independent one
where only one may. Beside it `make -j2` for the same graph.
"""

import argparse
import shutil
import sys
from pathlib import Path

import _peers
import _tars
from _measure import Contender, copier, interleaved, machine, scratch, seconds

GROWTH_MAX = 1.25
SHAPE_MAX = 1.5
FLOORS = {"TARS, chain": "TARS, independent, -j1", "TARS, fan": "TARS, independent"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=2000)
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with scratch("chain-fan") as root:
        met = shapes(root, options.modules, options.rounds)
        met &= growth(root, (200, 1000, options.most))
    return 0 if met else 1


def shapes(root: Path, count: int, rounds: int) -> bool:
    """Each shape cold, the rounds interleaved; then each once more, cached."""
    rows = []
    for shape in _tars.SHAPES:
        folder = root / shape
        _tars.lay_out(folder, shape, count, "none")
        rows.append(_tars.cold(f"TARS, {shape}", folder))
        if shape == "independent":
            rows.append(_tars.cold(f"TARS, {shape}, -j1", folder, "--jobs", "1"))
        if make := shutil.which("make"):
            rows.append(made(root, make, shape, count))
    times = interleaved(rows, rounds)
    print(f"{count} modules of each shape, cold: ms for each module ({machine()})")
    met = True
    for name, taken in times.items():
        verdict = ""
        if name in FLOORS:
            ratio = min(taken) / min(times[FLOORS[name]])
            met &= ratio <= SHAPE_MAX
            verdict = f"{ratio:.2f} × {FLOORS[name]}, goal ≤ {SHAPE_MAX}: {'met' if ratio <= SHAPE_MAX else 'NOT MET'}"
        print(f"  {name:24}{1000 * min(taken) / count:8.2f}  {verdict}")
    for shape in _tars.SHAPES:
        taken_cached = min(seconds(_tars.cached("", root / shape)) for _ in range(rounds))
        print(f"  {f'TARS, {shape}, cached':24}{1000 * taken_cached / count:8.3f}")
    return met


def made(root: Path, make: str, shape: str, count: int) -> Contender:
    folder = root / f"make-{shape}"
    _peers.inputs(folder, count if shape == "independent" else 1)
    program = copier(root)
    names = " ".join(f"out/{n}" for n in range(count))
    needs = {"independent": lambda n: f"in/{n}", "chain": lambda n: f"out/{n - 1}" if n else "in/0",
             "fan": lambda n: "out/0" if n else "in/0"}[shape]  # fmt: skip
    rules = "".join(f"out/{n}: {needs(n)}\n\t{program} $< $@\n" for n in range(count))
    (folder / "Makefile").write_text(f"all: {names}\n{rules}")

    def forget() -> None:
        _peers.remove(folder / "out")
        (folder / "out").mkdir()

    return Contender(f"make -j2, {shape}", (make, "-j2", "-s"), folder, forget)


def growth(root: Path, counts: tuple[int, ...]) -> bool:
    """Cold and cached, as the number of independent modules grows; the least of two rounds where that is quick."""
    print("\nms for each module as their number grows")
    print(f"  {'modules':>9}{'cold':>9}{'cached':>9}")
    costs = []
    for count in counts:
        folder = root / f"growth-{count}"
        _tars.lay_out(folder, "independent", count, "none")
        rounds = 3 if count <= 1000 else 1
        cold = min(seconds(_tars.cold("", folder)) for _ in range(rounds))
        cached = min(seconds(_tars.cached("", folder)) for _ in range(3))
        costs.append((1000 * cold / count, 1000 * cached / count))
        print(f"  {count:9}{costs[-1][0]:9.2f}{costs[-1][1]:9.3f}", flush=True)
    met = True
    for name, least, most in zip(("cold", "cached"), costs[0], costs[-1], strict=True):
        good = most / least <= GROWTH_MAX
        met &= good
        verdict = "met" if good else "NOT MET"
        print(f"  {name}: {most / least:.2f} × from {counts[0]} to {counts[-1]}, goal ≤ {GROWTH_MAX}: {verdict}")
    return met


if __name__ == "__main__":
    sys.exit(main())
