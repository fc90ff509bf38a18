"""Write beliefs, memories and indexed folders as JSON lines: one for each thing that a witness said, in the order in
which it was said, then one for each memory and each folder.

`tarscli memory import` of the lines, into an empty project, gives the same beliefs with the same confidences, and the
same memories; the folders are read when they are indexed next.
"""

import argparse
import json

from tars.memory.journal import beliefs_of, exported
from tars.memory.recall.memories import exported as exported_memories
from tars.memory.recall.memories import remembered
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_moment, moment_of, opened

EXAMPLES = (("tarscli memory export > beliefs.jsonl", "all that is held now"),)


def configure(parser: argparse.ArgumentParser) -> None:
    add_moment(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        lines = list(exported(beliefs_of(store, **moment_of(arguments.at))))  # type: ignore[arg-type]
        recalled = list(exported_memories(remembered(store, **moment_of(arguments.at))))  # type: ignore[arg-type]
    console.answer({"beliefs": list(lines), "recall": list(recalled)})
    lines += recalled
    for line in lines:
        console.write(json.dumps(line, ensure_ascii=False))
    return 0
