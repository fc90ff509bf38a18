"""Answer a question from memory: the passages that fit best by words and meaning, each with its anchor.

An anchor is a path with lines and the SHA-256 of what stands there, or the id of a memory that was added. Where a file
has changed so that it no longer says the passage, the passage is not shown, and the anchor says so. What an answer
rests on is said with it: without an embedding model only words are compared.
"""

import argparse

from tars.memory.recall.search import ask
from tars.memory.recall.values import Question
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import add_filters, answer_json, filters, opened_index, show

EXAMPLES = (
    ('tarscli memory ask "how does a run decide what is cached"', "from all that is indexed and was added"),
    ('tarscli memory ask "open the store" --in src --where language=python --k 3', "only Python below src"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", metavar="QUESTION", help="what you want to know")
    add_filters(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    question = Question(arguments.question, **filters(arguments))  # type: ignore[arg-type]  # made for these fields
    with opened_index(arguments, console, reading=True) as index:
        answer = ask(index, question)
    console.answer({"question": arguments.question, **answer_json(answer)})
    show(answer, console)
    return 0
