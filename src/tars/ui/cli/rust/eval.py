"""Measure how much is mended of a set of cases, beside two baselines in the same run.

SET is `error-index` or `book` (the toolchain's documentation on this disk), a folder of cases (each a folder with
`broken.rs`, perhaps `fixed.rs` and `tests.rs`), or a crate or folder of crates, of which mutants are made. The
baselines are `cargo fix --broken-code` (machine-applicable suggestions) and every compiler suggestion, taken
greedily. Lines, probes, seconds and how sure it was are medians and means; `exact` is the known mend, `anchors` those
that resolve. The last table says of accepted mends how sure it was beside the shares that are right and exact.
"""

import argparse
from pathlib import Path

from ducktools.classbuilder.prefab import replace

from tars.core.errors import UsageError
from tars.rust.evaluation.cases import Choice, load_cases
from tars.rust.evaluation.evaluate import evaluate
from tars.rust.evaluation.figures import (
    Bin,
    Figures,
    calibration,
    calibration_by,
    figures_by,
    figures_of,
    report,
    table,
)
from tars.rust.evaluation.judging import FIXERS, Judged, Result, Settings
from tars.rust.evaluation.mutate import Request
from tars.ui.cli.console import Console
from tars.ui.cli.console import table as columns
from tars.ui.cli.parser import count, names
from tars.ui.cli.printable import printable
from tars.ui.cli.rust._asked import BUDGET_HELP, budget
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust eval error-index --half dev", "the error index, the half that rules may be written on"),
    ("tarscli rust eval cases", "a folder of cases"),
    ("tarscli rust eval path/to/crate -n 20", "twenty mutants of a crate"),
    ("tarscli rust eval error-index --kept results.jsonl", "go on where it was interrupted"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("set", metavar="SET", help="`error-index`, `book`, a folder of cases, a crate, or many")
    parser.add_argument("--half", choices=("dev", "test"), help="of the cases: develop on `dev`, report `test`")
    parser.add_argument("--cases", type=names, metavar="A,B", help="these cases only")
    parser.add_argument("--only", type=names, metavar="A,B", help=f"these fixers only: {', '.join(FIXERS)}")
    parser.add_argument("-n", "--count", type=count, default=25, metavar="N", help="mutants of a crate (default: 25)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which mutants (default: 0)")
    parser.add_argument("--failing", action="store_true", help="mutants that build and fail their tests instead")
    parser.add_argument(
        "--budget", type=budget, metavar="N=V,…", help=f"for each case: {BUDGET_HELP} (default: seconds=20)"
    )
    parser.add_argument("--jobs", type=count, metavar="N", help="cases at once (default: one for each core)")
    parser.add_argument("--kept", metavar="FILE", help="append results to this file, and do not do again what it has")


def run(arguments: argparse.Namespace, console: Console) -> int:
    fixers = tuple(arguments.only or FIXERS)
    unknown = [one for one in fixers if one not in FIXERS]
    if unknown:
        raise UsageError(f"there is no fixer `{unknown[0]}`", hint=f"known: {', '.join(FIXERS)}")
    request = Request(arguments.count, arguments.seed, failing=arguments.failing)
    cases = load_cases(arguments.set, Choice(arguments.half or "", arguments.cases or (), request))
    settings = replace(
        Settings(), fixers=fixers, budget=arguments.budget or Settings().budget, jobs=arguments.jobs or 0
    )
    judged: list[Judged] = []
    for one in evaluate(cases, settings, Path(arguments.kept) if arguments.kept else None):
        judged.append(one)
        marks = ", ".join(f"{result.fixer} {'mended' if result.right else 'not'}" for result in one.results)
        console.note(f"{len(judged):4}/{len(cases)}  {printable(one.name)} ({one.code or one.kind}): {marks}")
    console.answer({"set": arguments.set, **report(judged)})
    console.write(_text(judged, fixers))
    console.note(f"{plural(len(judged), 'case')} of {printable(arguments.set)}")
    return 0


def _text(judged: list[Judged], fixers: tuple[str, ...]) -> str:
    header = ("", "cases", "mended", "tests pass", "exact", "lines", "probes", "seconds", "p95", "anchors", "sure")
    parts = [columns([_row(name, figures_of(_results(judged, name))) for name in fixers], header)]
    by_class = {name: figures_by(judged, name, lambda one: one.kind or "none") for name in fixers}
    rows = [
        (kind if name == fixers[0] else "", *_row(name, by_class[name][kind]))
        for kind in by_class[fixers[0]]
        for name in fixers
    ]
    parts += ["By class of the first error:", columns(rows, ("", *header))]
    if {one.half for one in judged} == {"dev", "test"}:
        parts += ["By half:", "\n".join(table(judged, lambda one: one.half))]
    bins = [(f"{one.low:.2f}–{one.high:.2f}", one) for one in calibration(judged)]
    bins += [*calibration_by(judged, lambda one: one.kind or "none").items()]
    bins += [*calibration_by(judged, lambda one: "all").items()]
    if bins:
        rows = [(name, *_calibrated(one)) for name, one in bins]
        parts += [
            "Calibration, by how sure it was and by class:",
            columns(rows, ("", "mends", "sure", "right", "exact")),
        ]
    return "\n\n".join(parts)


def _calibrated(one: Bin) -> tuple[str, ...]:
    exact = f"{one.exact / one.exact_of:.2f}" if one.exact_of else ""
    return str(one.cases), f"{one.confidence_mean:.2f}", f"{one.right / one.cases:.2f}", exact


def _results(judged: list[Judged], fixer: str) -> list[Result]:
    return [result for one in judged if (result := one.of(fixer)) is not None]


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    return (
        name, str(figures.cases), f"{figures.right} ({figures.fix_rate:.0%})", f"{figures.passed}/{figures.tested}",
        f"{figures.exact}/{figures.exact_of}", f"{figures.lines_median:g}", f"{figures.probes_median:g}",
        f"{figures.seconds_median:.2f}", f"{figures.seconds_p95:.2f}", f"{figures.anchors_resolved}/{figures.anchors}",
        "" if figures.confidence_mean is None else f"{figures.confidence_mean:.2f}",
    )  # fmt: skip
