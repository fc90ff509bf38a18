"""List beliefs that contradict each other and are both believed, the worst first, with what leads to each.

Circles in which beliefs support one another are listed too: they lift nobody, but whoever drew them may have meant
something else. The exit code is 1 where there is a contradiction.
"""

import argparse

from tars.memory.analysis import circles, contradictions
from tars.memory.values import Contradiction, Judged
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_moment, beliefs_at, opened, percent
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural

EXAMPLES = (("tarscli memory contradictions", "what cannot all be true"),)


def configure(parser: argparse.ArgumentParser) -> None:
    add_moment(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        beliefs = beliefs_at(store, arguments.at)
    found = contradictions(beliefs, beliefs.judged())
    rings = circles(beliefs)
    console.answer(
        {
            "contradictions": [
                {
                    "beliefs": [one.first.belief.id, one.second.belief.id],
                    "confidences": [round(one.first.confidence, 6), round(one.second.confidence, 6)],
                    "excess": round(one.excess, 6),
                    "chains": [list(chain) for chain in one.chains],
                }
                for one in found
            ],
            "circles": [list(ring) for ring in rings],
        }
    )
    for one in found:
        _write(one, console)
    for ring in rings:
        console.write(f"circle of support: {printable(', '.join(ring))}")
    console.note(f"{plural(len(found), 'contradiction')}, {plural(len(rings), 'circle')} of support")
    return 1 if found else 0


def _write(one: Contradiction, console: Console) -> None:
    console.write(f"{printable(one.first.belief.id)} and {printable(one.second.belief.id)} cannot both hold")
    sides: tuple[tuple[Judged, tuple[str, ...]], ...] = ((one.first, one.chains[0]), (one.second, one.chains[1]))
    for judged, chain in sides:
        console.write(f"  {percent(judged.confidence):>7}  {printable(judged.belief.statement)}")
        if len(chain) > 1:
            console.write(f"           because {printable(' → '.join(chain))}")
