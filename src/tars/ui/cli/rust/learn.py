"""Learn from what was mended here: a candidate memory is accepted only if the canary set does not regress.

The candidate weighs every remembered mend by what became of it. The canary set are this project's golden entries and
the files of such that are named: each is mended anew, once with the memory as it is and once with the candidate. Exit
code 1: it was refused, and the memory stays as it is.
"""

import argparse

from tars.episode.budget import Budget
from tars.rust.learning import memory
from tars.rust.learning.golden import golden_entries, read_file
from tars.rust.learning.learn import try_candidate
from tars.ui.cli.console import Console, table
from tars.ui.cli.rust._asked import BUDGET_HELP, budget
from tars.ui.cli.rust._opened import opened_known
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust learn", "with this project's golden entries as the canary set"),
    ("tarscli rust learn --dry-run", "only show what would come of it"),
    ("tarscli rust learn golden/*.json", "with the entries in these files too"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help="golden entries besides those of the project")
    parser.add_argument("--dry-run", action="store_true", help="accept nothing")
    parser.add_argument("--budget", type=budget, default=Budget(), metavar="N=V,…", help=f"of each mend: {BUDGET_HELP}")


def run(arguments: argparse.Namespace, console: Console) -> int:
    named = [read_file(name) for name in arguments.files]
    with opened_known(arguments, console) as (_, store):
        canary = {str(entry["id"]): entry for entry in (*golden_entries(store), *named)}
        trial = try_candidate(store, list(canary.values()), arguments.budget)
        accepted = not trial.refusal and not arguments.dry_run
        if accepted:
            memory.accept(store, trial.candidate, trial.to_json())
    rows = [
        (before.id[:10], _word(before.mended), str(before.probes), _word(after.mended), str(after.probes))
        for before, after in zip(trial.current, trial.proposed, strict=True)
    ]
    weights = dict(trial.candidate.patterns)
    console.answer({"accepted": accepted, "refusal": trial.refusal, **trial.to_json(), "weights": weights})
    console.write(table(rows, ("canary", "as it is", "probes", "candidate", "probes")))
    counts = f"{plural(trial.patterns, 'pattern')}, {trial.dropped} dropped"
    if trial.refusal:
        console.say(f"Refused: {trial.refusal}; the memory stays as it is ({counts})")
        return 1
    console.note(f"{'Accepted' if accepted else 'It would be accepted'}: {counts}")
    return 0


def _word(mended: bool) -> str:
    return "mended" if mended else "not mended"
