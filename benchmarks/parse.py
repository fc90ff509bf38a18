"""How fast 10,000 blocks become a syntax tree, beside tree-sitter-hcl (walked into Python objects) and python-hcl2.

The goal: at least 3 × as fast as tree-sitter-hcl with the walk, at least 40 × as fast as python-hcl2.

Run it as `python benchmarks/parse.py [--blocks N] [--rounds N] [--json]`. The parsers take turns within each round, so
that a busy machine slows all of them; the ratios are of medians. Peak memory is measured in a fresh process each.
"""

import argparse
import io
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

PEERS = {"tree-sitter-hcl": "pip install tree-sitter tree-sitter-hcl", "python-hcl2": "pip install python-hcl2"}
SLOW = frozenset({"python-hcl2"})


def generate(blocks: int, seed: int = 1) -> str:
    """A metascript of that many blocks of four kinds, 8 lines each: nested blocks, objects, templates, comments."""
    chance = random.Random(seed)
    out = []
    for i in range(blocks):
        kind = i % 4
        if kind == 0:
            out.append(
                f'# agent {i}\nrust_module "agent_{i}" {{\n  source  = "agents/a{i}.rs"\n  compile = true\n'
                f'  output  = ["out/{i}.json", "out/{i}.csv"]\n  timeout = "{chance.randint(1, 90)}s"\n}}\n\n'
            )
        elif kind == 1:
            out.append(
                f'python_module "step_{i}" {{\n  source = "agents/s{i}.py" // code\n'
                f"  input  = rust_module.agent_{i - 1}.output\n"
                f"  resources {{\n    cpu = {chance.randint(1, 8)}\n  }}\n}}\n\n"
            )
        elif kind == 2:
            out.append(
                f'ts_module "view_{i}" {{\n  source = "web/v{i}.ts"\n  env = {{\n    NAME = "view-{i}"\n'
                f"    LEVEL = {i % 7}\n  }}\n}}\n\n"
            )
        else:
            out.append(
                f'agentic typescript {{\n  /* agent {i} */\n  file   = "agents/${{var.folder}}/x{i}.ts"\n'
                f'  role   = "reviewer of {i}"\n  traits = ["careful", "fast"]\n  retries = {i % 5} + 1\n}}\n\n'
            )
    return "".join(out)


def parse_tars() -> Callable[[str], object]:
    from tars.lang.syntax.parse import parse  # a peer may be measured without it  # noqa: PLC0415

    def run(text: str) -> object:
        file = parse(text)
        assert not file.diagnostics
        return file

    return run


def parse_tree_sitter() -> Callable[[str], object]:
    import tree_sitter  # a peer that may be missing  # noqa: PLC0415
    import tree_sitter_hcl  # a peer that may be missing  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))

    def run(text: str) -> object:
        return _walk(parser.parse(text.encode()))

    return run


def _walk(tree: "object") -> object:
    """The tree as Python objects: (type, start, end, children, text of a leaf)."""
    cursor = tree.walk()  # type: ignore[attr-defined]
    stack: list[list[object]] = [[]]
    while True:
        node = cursor.node
        if cursor.goto_first_child():
            stack.append([])
            continue
        stack[-1].append((node.type, node.start_byte, node.end_byte, (), node.text))
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return stack[-1]
            children = stack.pop()
            node = cursor.node
            stack[-1].append((node.type, node.start_byte, node.end_byte, children, None))


def parse_hcl2() -> Callable[[str], object]:
    import hcl2  # a peer that may be missing  # noqa: PLC0415

    return lambda text: hcl2.load(io.StringIO(text))


PARSERS = {"tars": parse_tars, "tree-sitter-hcl": parse_tree_sitter, "python-hcl2": parse_hcl2}


def available() -> dict[str, Callable[[str], object]]:
    """The parsers that are installed; says on stderr how to install the others."""
    found = {}
    for name, make in PARSERS.items():
        try:
            found[name] = make()
        except ImportError:
            print(
                f"{name} is not installed; to compare with it: {PEERS.get(name, 'pip install -e .')}", file=sys.stderr
            )
    return found


def measure(blocks: int, rounds: int) -> dict[str, dict[str, float]]:
    text = generate(blocks)
    parsers = available()
    seconds: dict[str, list[float]] = {name: [] for name in parsers}
    for round_number in range(rounds):
        for name, run in parsers.items():
            if name in SLOW and round_number:
                continue
            started = time.perf_counter()
            result = run(text)
            seconds[name].append(time.perf_counter() - started)
            del result
    table = {}
    ours = statistics.median(seconds["tars"])
    for name, times in seconds.items():
        first = seconds["tars"][0] if name in SLOW else ours
        table[name] = {
            "seconds": statistics.median(times),
            "ratio": statistics.median(times) / first,
            "peak_megabytes": peak_megabytes(name, blocks),
        }
    return table


def peak_megabytes(name: str, blocks: int) -> float:
    """The peak resident memory of a process that parses the file and keeps the result; not a number but on Linux.

    It is read from `/proc`, because `getrusage` counts what the parent had when the process was forked.
    """
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import parse as b\n"
        "text = b.generate(int(sys.argv[3])); run = b.PARSERS[sys.argv[2]](); kept = run(text)\n"
        "import re; print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    )
    folder = __file__.rpartition("/")[0] or "."
    done = subprocess.run(
        [sys.executable, "-c", code, folder, name, str(blocks)], capture_output=True, text=True, check=False
    )
    return int(done.stdout) / 1024 if done.returncode == 0 else float("nan")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--blocks", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    table = measure(chosen.blocks, chosen.rounds)
    if chosen.json:
        print(json.dumps({"blocks": chosen.blocks, "rounds": chosen.rounds, "parsers": table}))
        return
    print(f"{chosen.blocks} blocks; medians of {chosen.rounds} rounds (python-hcl2: 1)")
    print(f"{'parser':<18}{'seconds':>10}{'ratio':>9}{'peak MB':>10}")
    for name, row in table.items():
        print(f"{name:<18}{row['seconds']:>10.3f}{row['ratio']:>8.1f}×{row['peak_megabytes']:>10.0f}")


if __name__ == "__main__":
    main()
