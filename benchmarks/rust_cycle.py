"""How long a person waits: an explanation from cold, a probe, and the validation of a patch of a small crate.

Goals: `tarscli rust explain` in at most 2 s from cold (no cache of TARS, and its own files and the documentation not in
the system's memory); a probe (the crate checked after an edit) in at most 1.5 s and a validation (check, all tests and
the documentation's) in at most 12 s at the median. The floor beside a probe is `cargo check` of the same edit.

    python benchmarks/rust_cycle.py [--rounds N] [--json]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from _measure import environment, machine, scratch, tarscli

import tars
from tars.core.errors import UnavailableError
from tars.rust.anchors.sources import toolchain_sources
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import find_target, read_files

EXPLAIN_SECONDS_MAX, PROBE_SECONDS_MAX, VALIDATION_SECONDS_MAX = 2.0, 1.5, 12.0
ASKED = ("E0382", "clippy::needless_return", "src/lib.rs:30")
LIBRARY = """
use std::collections::BTreeMap;

/// What stands in a text, counted.
///
/// ```
/// assert_eq!(small::Counts::of("a b a").most(), Some("a"));
/// ```
#[derive(Debug, Default, Clone)]
pub struct Counts {
    counts: BTreeMap<String, usize>,
}

impl Counts {
    pub fn of(text: &str) -> Counts {
        let mut found = Counts::default();
        for word in text.split_whitespace() {
            *found.counts.entry(word.to_string()).or_insert(0) += 1;
        }
        found
    }

    pub fn most(&self) -> Option<&str> {
        self.counts.iter().max_by_key(|(_, count)| **count).map(|(word, _)| word.as_str())
    }
}

pub fn twice(words: Vec<String>) -> usize {
    let taken = words;
    taken.len() + words.len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts() {
        assert_eq!(super::Counts::of("b a b").most(), Some("b"));
    }
}
"""
MENDED = LIBRARY.replace("let taken = words;", "let taken = &words;")


def evict(folder: Path) -> None:
    """Lets the system forget what it holds of the files below a folder, as far as it is willing."""
    if not hasattr(os, "posix_fadvise"):
        return
    for place in folder.rglob("*"):
        if place.is_file():
            descriptor = os.open(place, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def processor_seconds() -> float:
    """What the processes that were waited for have used so far."""
    used = os.times()
    return used.children_user + used.children_system


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def explanations(folder: Path, crate: Path, rounds: int) -> Iterator[tuple[float, float]]:
    """Wall and processor seconds of whole processes, each with an empty cache of its own."""
    documentation = toolchain_sources().documentation
    for number in range(rounds):
        for asked in ASKED:
            evict(Path(tars.__file__).parent)
            if documentation is not None:
                evict(documentation)
            env = environment(folder / f"cold-{number}-{asked.replace('/', '-')}")
            command = (*tarscli(), "rust", "explain", asked)
            used = processor_seconds()
            wall = timed(partial(subprocess.run, command, cwd=crate, env=env, check=True, capture_output=True))
            yield wall, processor_seconds() - used


def measure(rounds: int) -> dict[str, float]:
    """Seconds, medians over the rounds but for the slowest explanation."""
    with scratch("cycle") as folder:
        os.environ["TARS_CACHE"] = str(folder / "cache")
        crate = folder / "small"
        (crate / "src").mkdir(parents=True)
        (crate / "Cargo.toml").write_text('[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n')
        library = crate / "src" / "lib.rs"
        library.write_text(LIBRARY)
        explained, used = zip(*explanations(folder, crate, rounds), strict=True)
        target = find_target(crate)
        (path,) = read_files(target)
        probes, validations, floors = [], [], []
        with open_checkers(target, 1) as checkers, checkers.one() as checker:
            checker.check({path: LIBRARY.encode()})
            for number in range(rounds):
                edited = f"{MENDED}// {number}\n"
                files = {path: edited.encode()}
                probes.append(timed(partial(checker.check, files)))
                validations.append(probes[-1] + timed(partial(checker.test, files)))
                library.write_text(edited)
                command = ("cargo", "check", "--offline", "--all-targets", "--quiet")
                floors.append(timed(partial(subprocess.run, command, cwd=crate, check=True, capture_output=True)))
        return {
            "explain_median": statistics.median(explained), "explain_max": max(explained),
            "explain_processor_max": max(used),
            "probe_median": statistics.median(probes), "cargo_check_median": statistics.median(floors[1:] or floors),
            "validation_median": statistics.median(validations),
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        found = measure(options.rounds)
    except UnavailableError as error:
        print(f"Skipped: {error.message}", file=sys.stderr)
        return
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in found.items()}))
        return
    print(machine())
    print(
        f"explain, from cold: {found['explain_median']:.2f} s, at most {found['explain_max']:.2f} s (goal 2), "
        f"{found['explain_processor_max']:.2f} s of processor time"
    )
    print(f"probe: {found['probe_median']:.2f} s (goal 1.5); cargo check itself {found['cargo_check_median']:.2f} s")
    print(f"validation: {found['validation_median']:.2f} s (goal 12)")
    goals = (EXPLAIN_SECONDS_MAX, PROBE_SECONDS_MAX, VALIDATION_SECONDS_MAX)
    met = (found["explain_max"], found["probe_median"], found["validation_median"])
    if any(value > goal for value, goal in zip(met, goals, strict=True)):
        raise SystemExit("a goal is not met")


if __name__ == "__main__":
    main()
