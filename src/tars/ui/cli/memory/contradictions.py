"""List beliefs that contradict each other and are both believed, the worst first, with what leads to each.

Circles in which beliefs support one another are listed too, with a short way round: they lift nobody, but whoever drew
them may have meant something else. The exit code is 1 where there is a contradiction.
"""

import argparse

from tars.memory.analysis import circles, contradictions, way_round
from tars.memory.snapshot import Snapshot
from tars.memory.values import Contradiction, Judged
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_limit, add_moment, beliefs_at, opened, percent
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli memory contradictions", "what cannot all be true, the worst twenty"),
    ("tarscli memory contradictions --limit 0", "all of it, however long that takes"),
)
LISTED = 20
CIRCLE_LISTED_MAX = 8
CHAIN_SHOWN_MAX = 32


def configure(parser: argparse.ArgumentParser) -> None:
    add_moment(parser)
    add_limit(parser, LISTED, "list at most so many, of contradictions and of circles")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        beliefs = beliefs_at(store, arguments.at)
    limit = arguments.limit or None
    found = contradictions(beliefs, limit)
    rings = circles(beliefs)
    ways = [tuple(map(beliefs.id_of, way_round(beliefs, ring))) for ring in rings[:limit]]
    count = max(found.count, len(found.listed))
    if console.json:  # a circle may have as many beliefs as there are, and their names are not free
        console.answer(
            {
                "entry": beliefs.entry, "count": count, "contradictions": [_as_json(one) for one in found.listed],
                "sought": found.sought, "doubtful": found.doubtful, "circle_count": len(rings),
                "circles": [[beliefs.id_of(row) for row in ring] for ring in rings[:limit]],
                "ways_round": [list(way) for way in ways],
            }
        )  # fmt: skip
    console.note(f"{plural(count, 'contradiction')}, {plural(len(rings), 'circle')} of support")
    for one in found.listed:
        _write(one, console)
    for ring, way in zip(rings, ways, strict=False):
        _write_circle(beliefs, ring, way, console)
    _note_rest(count - len(found.listed), len(rings) - len(ways), found.doubtful - found.sought, console)
    return 1 if count else 0


def _as_json(one: Contradiction) -> dict[str, object]:
    return {
        "beliefs": [one.first.belief.id, one.second.belief.id],
        "confidences": [round(one.first.confidence, 6), round(one.second.confidence, 6)],
        "excess": round(one.excess, 6),
        "chains": [list(chain) for chain in one.chains],
    }


def _write_circle(beliefs: Snapshot, ring: list[int], way: tuple[str, ...], console: Console) -> None:
    named = ", ".join(beliefs.id_of(row) for row in ring[:CIRCLE_LISTED_MAX])
    more = f" and {len(ring) - CIRCLE_LISTED_MAX:,} more" if len(ring) > CIRCLE_LISTED_MAX else ""
    console.write(f"circle of support: {printable(named)}{more}")
    if len(way) > 2 and len(way) <= CHAIN_SHOWN_MAX:
        console.write(f"  {printable(' → '.join(way))}")


def _note_rest(pairs: int, rings: int, unsought: int, console: Console) -> None:
    """What was left out, and how to see it."""
    if pairs or rings:
        console.note(f"{pairs:,} more contradictions and {rings:,} more circles: `--limit 0` lists all")
    if unsought:
        console.note(f"Of {unsought:,} pairs that may both be doubted it was not sought whether one supports the other")


def _write(one: Contradiction, console: Console) -> None:
    console.write(f"{printable(one.first.belief.id)} and {printable(one.second.belief.id)} cannot both hold")
    sides: tuple[tuple[Judged, tuple[str, ...]], ...] = ((one.first, one.chains[0]), (one.second, one.chains[1]))
    for judged, chain in sides:
        console.write(f"  {percent(judged.confidence):>7}  {printable(judged.belief.statement)}")
        if len(chain) > 1:
            console.write(f"           because {printable(' → '.join(chain))}")
