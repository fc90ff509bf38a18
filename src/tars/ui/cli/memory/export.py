"""Write beliefs, memories, indexed folders and cached answers as JSON lines: one for each thing that a witness said, in
the order in which it was said, then one for each memory, folder and answer.

`tarscli memory import` of the lines, into an empty project, gives the same beliefs with the same confidences, the same
memories and answers; folders are read when they are indexed next.
"""

import argparse
import json

from tars.memory.exchange import exported
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_moment, moment_of, opened

EXAMPLES = (("tarscli memory export > beliefs.jsonl", "all that is held now"),)


def configure(parser: argparse.ArgumentParser) -> None:
    add_moment(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        lines = list(exported(store, **moment_of(arguments.at)))  # type: ignore[arg-type]
    beliefs = [line for line in lines if "id" in line]
    console.answer({"beliefs": beliefs, "recall": lines[len(beliefs) :]})
    for line in lines:
        console.write(json.dumps(line, ensure_ascii=False))
    return 0
