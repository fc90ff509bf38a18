"""Say that you believe something, how sure you are, and what it rests on.

Saying it again with another confidence takes the place of what the same witness said before. Different witnesses add
up, unless they name the same evidence: then they are one testimony. Without a statement the one that is known stays.
`show` says which evidence has changed since it was cited.
"""

import argparse

from tars.memory.acts import believe
from tars.memory.evidence import cited
from tars.memory.values import Bearing
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import BEARINGS, beliefs_at, found, opened_to_write, percent
from tars.ui.cli.printable import printable

EXAMPLES = (
    ('tarscli memory believe cache "Caching pays off" --confidence 0.8', "a new belief"),
    ("tarscli memory believe cache --confidence 0.3 --by reviewer", "another witness doubts it"),
    ('tarscli memory believe new "Every input is new" --contradicts cache', "a belief that speaks against it"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="its name: a text without blanks")
    parser.add_argument("statement", nargs="?", default="", metavar="STATEMENT", help="what is believed")
    parser.add_argument(
        "--confidence", type=float, default=0.7, metavar="C", help="how sure, between 0 and 1; default: 0.7"
    )
    parser.add_argument("--by", default="user", metavar="WITNESS", help="who says so; default: user")
    parser.add_argument(
        "--evidence",
        action="append",
        default=[],
        metavar="WHERE",
        help="what it rests on: `PATH` or `PATH:FIRST-LAST`, which is cited by its digest, or a name; may be repeated",
    )
    for bearing, option in BEARINGS.items():
        parser.add_argument(
            f"--{option}", action="append", default=[], metavar="ID", dest=bearing.value,
            help=f"a belief that it {option.replace('-', ' ')}; may be repeated".replace("it derived", "it is derived"),
        )  # fmt: skip


def run(arguments: argparse.Namespace, console: Console) -> int:
    relations = [(bearing, other) for bearing in Bearing for other in getattr(arguments, bearing.value)]
    with opened_to_write(arguments) as store:
        number = believe(
            store, arguments.id, arguments.statement, arguments.confidence, witness=arguments.by,
            evidence=[cited(store.root.parent, text) for text in arguments.evidence], relations=relations,
        )  # fmt: skip
        beliefs = beliefs_at(store, None)
    confidence = beliefs.probability[found(beliefs, arguments.id)]
    console.answer({"id": arguments.id, "entry": number, "confidence": round(confidence, 6)})
    console.note(f"{printable(arguments.id)} is now believed to {percent(confidence)}")
    return 0
