"""How much broken Rust `tarscli rust fix` mends without any model, beside the compiler's own suggestions, in one run.

Three sets, each in a half that was developed on and one that was not: the error index of the toolchain (erroneous and
corrected examples), mutants of small crates with their tests, and independent cases (`benchmarks/rust_cases`). A
fourth, `failing`, is of mutants that build and fail their tests, which neither peer looks at. The peers are `cargo fix
--broken-code` (machine-applicable suggestions) and greedy application of every suggestion.

Goals, on 2 cores: error index at least 60 % (75 in reach), mutants at least 95 % building and 90 % with their tests
passing, independent cases at least 60 %; builds but fails its tests at most 1 %; median patch at most 2 lines; anchor
fidelity 100 %; a file in at most 1 s at the median and 8 s at p95.

    python benchmarks/rust_fix.py [--mutants 10] [--seed 0] [--sample N] [--sets index,mutants,cases,failing]
        [--fixers tars] [--keep FILE] [--json FILE]

The crates are fetched with cargo when the network is there, and are not part of this project.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from _measure import machine, scratch, show_progress
from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError, UsageError
from tars.episode.budget import Budget
from tars.rust.evaluation.cases import Case, Choice, load_cases
from tars.rust.evaluation.evaluate import evaluate
from tars.rust.evaluation.figures import calibration, figures_by, figures_of, report, table
from tars.rust.evaluation.judging import FIXERS, TARS, Judged, Settings
from tars.rust.evaluation.mutate import Request

CASES = Path(__file__).parent / "rust_cases"
CRATES = {
    "fixedbitset": "0.5.7",
    "fnv": "1.0.7",
    "bytesize": "1.3.0",
    "heck": "0.5.0",
    "httpdate": "1.0.3",
    "itoa": "1.0.11",
    "pathdiff": "0.2.1",
    "percent-encoding": "2.3.1",
    "scopeguard": "1.2.0",
    "semver": "1.0.23",
    "shlex": "1.3.0",
    "strsim": "0.11.1",
}
LICENCES = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Unlicense"}
NOT_NEEDED = re.compile(r"^\[+(target\.[^\n]*\.)?(dev-dependencies|bench)\b[^\n]*\].*?(?=^\[|\Z)", re.M | re.S)


def fetch(folder: Path) -> list[Path]:
    """The crates' sources below a folder, without what only their benchmarks need, each a workspace of its own.

    A crate whose own tests need further crates is left as it is published: its tests must pass without them.
    """
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").touch()
    wanted = "".join(f'{name} = "={version}"\n' for name, version in CRATES.items())
    manifest = '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
    (folder / "Cargo.toml").write_text(manifest + wanted)
    subprocess.run(["cargo", "vendor", "--quiet", "vendor"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    found = []
    for name in sorted(CRATES):
        crate = folder / "vendor" / name
        text = (crate / "Cargo.toml").read_text("utf-8")
        licence = re.search(r'^license = "([^"]*)"', text, re.M)
        if licence is None or not LICENCES & set(re.split(r"\s*/\s*|\s+OR\s+", licence[1])):
            raise SystemExit(f"Error: {name} has no licence that allows this: {licence and licence[1]}")
        (crate / "Cargo.toml").write_text(NOT_NEEDED.sub("", text) + "\n[workspace]\n", "utf-8")
        shutil.rmtree(crate / "benches", ignore_errors=True)
        (crate / "Cargo.lock").unlink(missing_ok=True)
        subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=crate, check=True)
        found.append(crate)
    return found


def mutants(folder: Path, count: int, seed: int) -> list[Case]:
    try:
        crates = fetch(folder)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"The crates cannot be fetched ({error}): no mutants.", file=sys.stderr)
        return []
    cases: list[Case] = []
    for crate in crates:
        show_progress(f"mutants of {crate.name}")
        cases += load_cases(str(crate), Choice(mutants=Request(count, seed)))
    return cases


def failing(folder: Path, count: int, seed: int) -> list[Case]:
    """Mutants that build and fail their tests, of the independent cases that have tests, mended."""
    folder.mkdir()
    cases: list[Case] = []
    for tests in sorted(CASES.glob("*/tests.rs")):
        place = folder / f"{tests.parent.name.replace('-', '_')}.rs"
        place.write_bytes((tests.parent / "fixed.rs").read_bytes() + b"\n" + tests.read_bytes())
        show_progress(f"mutants of {place.name}")
        try:
            cases += load_cases(str(place), Choice(mutants=Request(count, seed, failing=True)))
        except UsageError:
            continue
    return cases


def sampled(cases: Sequence[Case], size: int) -> list[Case]:
    """So many cases of each half, the same ones each time."""
    chosen: list[Case] = []
    for half in ("dev", "test"):
        own = [one for one in cases if one.half == half]
        chosen += random.Random(half).sample(own, size) if size and size < len(own) else own
    return chosen


def judged(name: str, cases: Sequence[Case], settings: Settings, kept: Path | None) -> list[Judged]:
    found: list[Judged] = []
    for one in evaluate(cases, settings, kept):
        found.append(one)
        show_progress(f"{name}: {len(found)} of {len(cases)}")
    show_progress("")
    return found


def building(cases: Sequence[Case], found: Sequence[Judged], settings: Settings, kept: Path | None) -> Iterator[str]:
    """How many build, by half: those that were mended, and those that would have been if their tests were not asked."""
    mended = {one.name for one in found if (result := one.of(TARS)) is not None and result.built}
    left = [one for one in cases if one.name not in mended]
    again = judged("without tests", left, replace(settings, fixers=(TARS,), tests=False), kept) if left else []
    built = mended | {one.name for one in again if (result := one.of(TARS)) is not None and result.built}
    for half in ("dev", "test"):
        own = [one for one in cases if one.half == half]
        count = sum(one.name in built for one in own)
        yield f"\nBuilding, tests not asked, {half} half: {count} of {len(own)}"


def lines_of(name: str, found: Sequence[Judged]) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield from table(found, lambda one: one.half)
    for half in ("dev", "test"):
        own = [one for one in found if one.half == half]
        if own:
            yield f"\nBy class, {half} half:\n"
            yield from table(own)
    yield ""
    yield "| | builds | tests fail, of judged | lines | probes | seconds: median, p95 | anchors |"
    yield "|---|---|---|---|---|---|---|"
    for fixer in dict.fromkeys(result.fixer for one in found for result in one.results):
        one = figures_of(result for case in found if (result := case.of(fixer)) is not None)
        judged_wrong = f"{one.tested - one.passed} of {one.tested} ({one.false_rate:.1%})"
        seconds = f"{one.seconds_median:.2f}, {one.seconds_p95:.2f}"
        row = f"{fixer} | {one.fixed / one.cases:.1%} | {judged_wrong} | {one.lines_median:g} | {one.probes_median:g}"
        yield f"| {row} | {seconds} | {one.anchors_resolved} of {one.anchors} |"


def calibrated(found: Sequence[Judged]) -> Iterator[str]:
    yield "\nHow sure it was of its mends, all sets:\n"
    yield "| confidence | mends | mean | right | the known mend |"
    yield "|---|---|---|---|---|"
    for one in calibration(found):
        share = f"{one.exact / one.exact_of:.0%}" if one.exact_of else ""
        row = f"{one.low:g} to {one.high:g} | {one.cases} | {one.confidence_mean:.2f} | {one.right / one.cases:.0%}"
        yield f"| {row} | {share} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10, help="how many of each crate")
    parser.add_argument("--failing", type=int, default=2, help="how many of each program that builds and fails")
    parser.add_argument("--seed", type=int, default=0, help="which mutants")
    parser.add_argument("--sample", type=int, default=0, help="cases of each set and half; 0 is all")
    parser.add_argument("--sets", default="index,mutants,cases")
    parser.add_argument(
        "--fixers", default=",".join(FIXERS), help="who mends: without the peers it takes half the time"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="what a lone file may take")
    parser.add_argument("--crate-seconds", type=float, default=60.0, help="what a mutant of a crate may take")
    parser.add_argument("--keep", type=Path, help="a file of results with which an interrupted run goes on")
    parser.add_argument("--json", type=Path, help="where to write everything as JSON")
    options = parser.parse_args()
    began = time.monotonic()
    everything: list[Judged] = []
    print(f"{machine()}; one process and one checker for each core")
    with scratch("rust-fix") as folder:
        os.environ.setdefault("CARGO_TERM_COLOR", "never")
        for name in options.sets.split(","):
            titles = {
                "index": "Error index", "mutants": "Mutants of crates", "cases": "Independent cases",
                "failing": "What builds and fails its tests",
            }  # fmt: skip
            if name == "mutants":
                cases: Sequence[Case] = mutants(folder / "crates", options.mutants, options.seed)
            elif name == "failing":
                cases = failing(folder / "failing", options.failing, options.seed)
            else:
                cases = load_cases("error-index" if name == "index" else str(CASES))
            # The tests of a crate alone, those in its documentation among them, may take longer than a file is given.
            seconds = options.crate_seconds if name == "mutants" else options.seconds
            settings = Settings(tuple(options.fixers.split(",")), Budget(seconds_max=seconds))
            found = judged(name, sampled(cases, options.sample), settings, options.keep)
            everything += found
            if found:
                print("\n".join(lines_of(titles[name], found)), flush=True)
            if name == "mutants" and found:
                rates = figures_by(found, TARS, lambda one: one.group)
                shown = ", ".join(f"{group.partition('/')[2]} {one.right}/{one.cases}" for group, one in rates.items())
                print(f"\nBy crate: {shown}")
                print("".join(building(sampled(cases, options.sample), found, settings, options.keep)))
    print("\n".join(calibrated(everything)))
    print(f"\n{len(everything)} cases in {time.monotonic() - began:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(report(everything), indent=1), "utf-8")


if __name__ == "__main__":
    try:
        main()
    except TarsError as error:
        raise SystemExit(f"Error: {error.message}\nHint: {error.hint}") from None
