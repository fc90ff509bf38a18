"""The semantic cache of closures: answers that are given again for questions close enough to earlier ones.

`show` lists what it holds and how often it served; `get` looks for an answer (exit code 1 where there is none), `keep`
adds one, `drop` takes all answers of a closure out of use. An answer is dropped by itself as soon as a file or a memory
that it cites has changed. Questions with other numbers, negations or quoted words never share an answer, and, unless
`--threshold` says so, neither do those with other telling words or another order of them.
"""

import argparse
import json
import sys

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.recall.cache import drop, grounds, keep, look_up, threshold_of, uses
from tars.memory.recall.index import Index
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import oneline, opened_index
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural, when

EXAMPLES = (
    ("tarscli memory cache", "what is held, and the hit rate"),
    ('tarscli memory cache keep review "is main.py sound?" "yes" --cites main.py', "keep an answer"),
    ('tarscli memory cache get review "Is main.py sound?"', "ask for it"),
)
WORDS = {"show": 0, "get": 2, "keep": 3, "drop": 1}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", nargs="?", default="show", choices=tuple(WORDS), help="default: show")
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="CLOSURE, QUESTION, ANSWER, as far as the act needs them"
    )
    parser.add_argument("--cites", action="append", default=[], metavar="WHAT", help="a file or memory it rests on")
    parser.add_argument("--threshold", type=float, metavar="C", help="by nearness alone, at least this one, up to 1")


def run(arguments: argparse.Namespace, console: Console) -> int:
    needed = WORDS[arguments.act]
    if len(arguments.words) != needed:
        names = " ".join(("CLOSURE", "QUESTION", "ANSWER")[:needed]) or "no words"
        raise UsageError(f"`cache {arguments.act}` takes {names}", hint="`tarscli memory cache --help` shows examples")
    with opened_index(arguments, console, reading=arguments.act in ("show", "get")) as index:
        if arguments.act == "show":
            return _show(index, console)
        if arguments.act == "get":
            return _get(index, arguments, console)
        closure = arguments.words[0]
        if arguments.act == "keep":
            text = arguments.words[2] if arguments.words[2] != "-" else sys.stdin.read()
            entry = keep(index, closure, arguments.words[1], text, grounds(index, arguments.cites))
            console.answer({"closure": closure, "entry": entry})
            console.note(f"Kept as entry {entry}")
            return 0
        count = drop(index, closure, why="asked for")
        if not count:
            raise UsageError(f"no answer of `{closure}` is held", hint="`tarscli memory cache` lists the closures")
        console.answer({"closure": closure, "dropped": count})
        console.note(f"{plural(count, 'answer')} of {oneline(closure)} will not be given again")
        return 0


def _get(index: Index, arguments: argparse.Namespace, console: Console) -> int:
    closure, question = arguments.words
    found = look_up(index, closure, question, arguments.threshold)
    limit = arguments.threshold or threshold_of(index)
    if found is None:
        console.answer({"closure": closure, "hit": False, "threshold": limit})
        console.note(f"No answer of {oneline(closure)} to a question that near (threshold {limit:g})")
        return 1
    console.answer({
        "closure": closure, "hit": True, "answer": found.answer, "question": found.question,
        "similarity": round(found.similarity, 4), "time": found.time, "entry": found.entry, "threshold": limit,
    })  # fmt: skip
    console.write(printable(found.answer if isinstance(found.answer, str) else json.dumps(found.answer)))
    console.note(f"Answered at {when(found.time)} to `{oneline(found.question)}` ({found.similarity:.2f} near)")
    return 0


def _show(index: Index, console: Console) -> int:
    rows: list[Json] = []
    for use in uses(index):
        rows.append({
            "closure": use.closure, "answers": use.answers, "hits": use.hits, "misses": use.misses, "stale": use.stale,
            "hit_rate": round(use.hit_rate, 4), "oldest": use.oldest,
        })  # fmt: skip
        console.write(
            f"{oneline(use.closure)}: {plural(use.answers, 'answer')}, "
            f"{plural(use.hits, 'hit')} of {use.hits + use.misses:,} "
            f"({use.hit_rate:.0%}), {use.stale:,} dropped as stale"
        )
    console.answer({"closures": rows, "threshold": threshold_of(index)})
    console.note(f"Two questions with the same telling words are one from a nearness of {threshold_of(index):g} on")
    return 0
