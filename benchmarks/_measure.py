"""What the benchmarks share: a place to work in, interleaved rounds of whole processes, and the table of ratios."""

import compileall
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

COMMAND_SECONDS_MAX = 900
SOURCE = Path(__file__).parent.parent / "src"
COPY_C = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words) {
  char bytes[4096];
  FILE *from = fopen(words[1], "rb"), *to = fopen(count > 2 ? words[2] : getenv("TARS_OUTPUT"), "wb");
  if (!from || !to) return 1;
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, from)) > 0;) fwrite(bytes, 1, n, to);
  return fclose(to);
}
"""
COPY_SH = '#!/bin/sh\nexec cat "$1" > "${2:-$TARS_OUTPUT}"\n'


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of a table: a command, and what is done before each round that is not timed."""

    name: str
    argv: tuple[str, ...]
    folder: Path
    before: Callable[[], None] = lambda: None
    env: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """An empty folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix=f"tars-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}{load}"


def tarscli() -> tuple[str, ...]:
    """The installed command where there is one, as a person starts it."""
    program = Path(sys.executable).with_name("tarscli.exe" if os.name == "nt" else "tarscli")
    return (str(program),) if program.exists() else (sys.executable, "-m", "tars.ui.cli")


def copier(folder: Path) -> Path:
    """A program that copies its first argument to its second, or to TARS_OUTPUT: in C where there is a compiler."""
    program = folder / "copier"
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler:
        source = folder / "copier.c"
        source.write_text(COPY_C)
        subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True)
        source.unlink()
    else:
        program.write_text(COPY_SH)
        program.chmod(0o755)
    return program


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of what is measured; TARS keeps its user cache in the benchmark's own folder."""
    return {**os.environ, "TARS_CACHE": str(folder / "user-cache"), "NO_COLOR": "1", **(more or {})}


def seconds(contender: Contender) -> float:
    """How long the command takes, from its start to its end. Raises where it fails.

    TARS itself is compiled first, as an installed package is; where `PYTHONDONTWRITEBYTECODE` is set nothing else
    would do it.
    """
    compileall.compile_dir(SOURCE, quiet=2)
    contender.before()
    env = environment(contender.folder, contender.env)
    began = time.perf_counter()
    done = subprocess.run(
        contender.argv, cwd=contender.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS_MAX, check=False,
    )  # fmt: skip
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"Error: {contender.name} failed\n{done.stdout.decode(errors='replace')[-4000:]}")
    return took


def interleaved(contenders: Sequence[Contender], rounds: int) -> dict[str, list[float]]:
    """Every contender once in each round, so that what else the machine does falls on all alike."""
    times: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        # A round forwards and one backwards: none always runs after the same other.
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            times[contender.name].append(seconds(contender))
            show_progress(f"round {number + 1} of {rounds}: {contender.name}")
    show_progress("")
    return times


def show_progress(text: str) -> None:
    """One line on a terminal, written over by the next; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r  {text:<60}", end="" if text else "\r", file=sys.stderr, flush=True)


def ratio(times: Mapping[str, Sequence[float]], of: str, to: str) -> float:
    """Least time by least time: what else a machine does only ever adds, and not the same to all."""
    return min(times[of]) / min(times[to])


def median_ratio(times: Mapping[str, Sequence[float]], of: str, to: str) -> float:
    """The median over the rounds of one contender's time by the other's in the same round."""
    return statistics.median(a / b for a, b in zip(times[of], times[to], strict=True))


@dataclass(frozen=True, slots=True)
class Goal:
    """At most, or at least, so many times: `ratio_max` is of ours by theirs, `faster_min` of theirs by ours."""

    against: str
    ratio_max: float = 0.0
    faster_min: float = 0.0

    def words(self) -> str:
        return f"≤ {self.ratio_max:g} ×" if self.ratio_max else f"≥ {self.faster_min:g} × faster"

    def met(self, measured: float) -> bool:
        return measured <= (self.ratio_max or 1 / self.faster_min)


def report(title: str, times: Mapping[str, Sequence[float]], ours: str, goals: Sequence[Goal] = ()) -> bool:
    """Print the table, and return whether all goals whose peer is here are met."""
    by_name = {goal.against: goal for goal in goals}
    print(f"{title} (seconds, {len(times[ours])} interleaved rounds; {machine()})")
    print(f"  {'':34}{'median':>9}{'least':>9}{'TARS / it:':>12}{'least':>7}{'median':>8}  goal, of the least times")
    met = True
    for name, taken in times.items():
        measured = ratio(times, ours, name)
        verdict = ""
        if goal := by_name.get(name):
            met &= goal.met(measured)
            verdict = f"{goal.words()}: {'met' if goal.met(measured) else 'NOT MET'}"
        compared = "" if name == ours else f"{'':12}{measured:7.2f}{median_ratio(times, ours, name):8.2f}"
        print(f"  {name:34}{statistics.median(taken):9.3f}{min(taken):9.3f}{compared}  {verdict}".rstrip())
    for goal in goals:
        if goal.against not in times:
            print(f"  {goal.against:34} is not on this machine, so its goal ({goal.words()}) was not measured")
    return met
