"""How long `tarscli --version` and `--help` take beside `python -c pass`; the goal for `--version` is at most twice it.

Run it as `python benchmarks/start.py [--rounds N] [--json]`. The commands take turns within each round, so that a busy
machine slows all of them; the ratios are of medians.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL = 2.0
SCRIPT = "import sys\nfrom tars.ui.cli.main import main\nsys.exit(main())\n"
"""What an installer writes as `tarscli`; for where only the source folder is on the path."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "tarscli --version": [*program(Path(folder)), "--version"],
            "tarscli --help": [*program(Path(folder)), "--help"],
        }
        medians = measure(commands, options.rounds)
    floor = medians["python -c pass"]
    figures = {
        name: {"seconds": round(seconds, 5), "ratio": round(seconds / floor, 2)} for name, seconds in medians.items()
    }
    if options.json:
        print(json.dumps({"benchmark": "start", "goal": GOAL, "rounds": options.rounds, "figures": figures}))
    else:
        for name, figure in figures.items():
            print(f"{name:20} {figure['seconds'] * 1000:7.1f} ms   {figure['ratio']:.2f} x bare Python")
        print(f"goal: tarscli --version at most {GOAL} x")
    return 0 if figures["tarscli --version"]["ratio"] <= GOAL else 1


def program(folder: Path) -> list[str]:
    """The installed `tarscli` beside this Python, else the same script in `folder`."""
    installed = Path(sys.executable).with_name("tarscli")
    if installed.exists():
        return [str(installed)]
    script = folder / "tarscli"
    script.write_text(SCRIPT, encoding="utf-8")
    return [sys.executable, str(script)]


def measure(commands: dict[str, list[str]], rounds: int) -> dict[str, float]:
    """The median seconds of each command, after one round that warms the caches."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
            if turn:
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    sys.exit(main())
