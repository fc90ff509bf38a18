"""Find passages by their words alone, the best match first; no vectors take part."""

import argparse

from tars.memory.recall.search import ask
from tars.memory.recall.values import Mode, Question
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import add_filters, answer_json, filters, opened_index, show

EXAMPLES = (("tarscli memory search open_store --in src", "where a name is spoken of"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="WORDS", nargs="+", help="what to look for; any of the words")
    add_filters(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    text = " ".join(arguments.words)
    question = Question(text, mode=Mode.TEXT, **filters(arguments))  # type: ignore[arg-type]  # made for these fields
    with opened_index(arguments, console, reading=True) as index:
        answer = ask(index, question)
    console.answer({"words": text, **answer_json(answer)})
    show(answer, console)
    return 0
