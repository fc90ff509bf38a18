"""Taking an artifact back from what was built before, beside building it again with the compiler.

Goal: restoring the program of a small Rust module is at least 20 × faster than compiling it. Both go through the
runner's one way to a build, in this process: once with an empty user cache, once without the project's copy alone.
Beside them, in the same rounds, the store alone: the same program, and a file of 10 MB, out of the objects, verified.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import _peers
from _measure import machine, scratch

from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building.build import build, build_key, source_of
from tars.runner.building.tools import detect
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import BuildPlan, Found, Source
from tars.store import Store, open_store
from tars.store.shared import Shared

PROGRAM = 'fn main() {\n    println!("{:?}", std::env::args().map(|word| word.len()).sum::<usize>());\n}\n'
FASTER_MIN = 20
BUILDS = ".tars/cache/build"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with scratch("restore") as root:
        (root / "hello.rs").write_text(PROGRAM)
        module = Module("rust_module.hello", "hello", "rust", Span("all.tars", 0, 0), source="hello.rs")
        source = source_of(module, root, frozenset())
        toolchain = TOOLCHAINS.load("rust")
        found = {tool.name: at for tool in toolchain.tools(source) if (at := detect(tool, root))}
        if not found:
            print("Error: this benchmark compiles Rust\nHint: `tarscli doctor` says how to install it", file=sys.stderr)
            return 3
        plan = toolchain.plan(source, found)
        artifact = plan.artifact.format(exe=".exe" if os.name == "nt" else "")
        made = root / BUILDS / build_key(source, plan, found) / artifact
        built, restored, program, large = [], [], [], []
        (root / "large").write_bytes(os.urandom(10_000_000))
        with open_store(root / ".tars") as store:
            for number in range(options.rounds):
                cache = root / f"user-cache-{number}"
                built.append(took(source, plan, found, root, cache))
                restored.append(took(source, plan, found, root, cache))
                program.append(restoring(store, made, root))
                large.append(restoring(store, root / "large", root))
    faster = statistics.median(b / r for b, r in zip(built, restored, strict=True))
    if options.json:
        rows = {"compiled": built, "restored": restored, "store_program": program, "store_10_mb": large}
        medians = {f"{name}_ms": round(1000 * statistics.median(row), 3) for name, row in rows.items()}
        print(json.dumps({"benchmark": "restore", **medians, "faster": round(faster, 1), "goal": FASTER_MIN}))
        return 0 if faster >= FASTER_MIN else 1
    print(f"A small Rust program: ms, medians of {options.rounds} rounds ({machine()})")
    print(f"  compiled {1000 * statistics.median(built):9.1f}")
    print(f"  restored {1000 * statistics.median(restored):9.1f}")
    print(f"  by the store alone {1000 * statistics.median(program):.1f}; 10 MB {1000 * statistics.median(large):.1f}")
    print(f"  {faster:.0f} × faster, goal ≥ {FASTER_MIN}: {'met' if faster >= FASTER_MIN else 'NOT MET'}")
    return 0 if faster >= FASTER_MIN else 1


def restoring(store: Store, original: Path, root: Path) -> float:
    """Seconds until a file that the store holds, but the project does not, is back; it is verified on the way."""
    leaf = store.objects.put_file(original)
    target = root / "restored" / "file"
    target.unlink(missing_ok=True)
    began = time.perf_counter()
    store.objects.restore(leaf, target)
    taken = time.perf_counter() - began
    assert target.stat().st_size == leaf.size
    return taken


def took(source: Source, plan: BuildPlan, found: dict[str, Found], root: Path, cache: Path) -> float:
    """Seconds until the program is in a place where it is not yet."""
    _peers.remove(root / BUILDS)
    began = time.perf_counter()
    place = root / BUILDS / build_key(source, plan, found)
    made = build(source, plan, found, project=root, shared=Shared(cache), place=place)
    taken = time.perf_counter() - began
    assert made.ok, made.log.decode(errors="replace")
    return taken


if __name__ == "__main__":
    sys.exit(main())
