"""How well recall finds: words and vectors together, beside words alone and vectors alone, on two sets.

Goal: both together are, by mean reciprocal rank, no worse than the better of the two alone, up to 0.02.

The FAQ of Python's documentation (the package `python3-doc` of Debian and Ubuntu, or --docs FOLDER with a `_sources`
tree of it): people's questions, of which each must find its answer, without its heading, among all the other answers
and sections of the tutorial, the how-tos and the library reference. It is public and nothing was tuned on it.

Docstrings of Python's own library, which every machine has: the first sentence of each is the question, the function
without its docstring the passage that must be found. The weights of both rankings were chosen on other parts of it.
"""

import argparse
import ast
import os
import re
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from tars.memory.recall.embedding import EMBEDDERS
from tars.memory.recall.index import Index, open_index
from tars.memory.recall.memories import add
from tars.memory.recall.search import ask
from tars.memory.recall.values import Mode, Question
from tars.store import open_store

Pairs = list[tuple[str, str]]
"""Questions, empty where a passage answers none, with the passages."""
DOCS = ("/usr/share/doc/python3-doc/html", "/usr/share/doc/python3.11-doc/html")
WORSE_MAX = 0.02
UNDERLINE = re.compile(r"([=\-~^*#\"])\1{3,}")
PASSAGE_MAX = 3_000
PASSAGE_MIN = 150


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=1_000, help="functions of the library; 0: leave them out")
    parser.add_argument("--sections", type=int, default=2_000, help="passages beside the answers; 0: no FAQ")
    parser.add_argument("--docs", type=Path, help="the HTML folder of Python's documentation")
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), action="append", help="default: all")
    options = parser.parse_args()
    names = options.embedder or sorted(EMBEDDERS)
    folders = [options.docs] if options.docs else [Path(folder) for folder in DOCS]
    sources = next((folder / "_sources" for folder in folders if (folder / "_sources" / "faq").is_dir()), None)
    met = True
    if options.sections and sources is None:
        print("Python's documentation is not here: install python3-doc, or name its folder with --docs")
    elif options.sections and sources is not None:
        met &= compare("questions of Python's FAQ", faq(sources, options.sections), names)
    if options.functions:
        met &= compare("docstrings of Python's library", list(functions(options.functions)), names)
    print(f"  goal, both no worse than the better alone up to {WORSE_MAX}: {'met' if met else 'NOT MET'}")
    return 0 if met else 1


def compare(what: str, pairs: Pairs, names: list[str]) -> bool:
    """Prints the table of a set; returns whether the goal is met with each embedder."""
    met = True
    asked = [(number, question) for number, (question, _) in enumerate(pairs) if question]
    print(f"\n{len(asked):,} {what}, each to find its passage among {len(pairs):,}")
    for name in names:
        embedder = EMBEDDERS.load(name)
        if not embedder.readiness().ready:
            print(f"  {name}: {embedder.readiness().detail}")
            continue
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / ".tars") as store:
            add(store, [{"id": str(number), "text": passage} for number, (_, passage) in enumerate(pairs)])
            cpu = time.process_time()
            with open_index(store, embedder) as index:
                print(f"  {embedder.name}: {len(pairs) / (time.process_time() - cpu):.0f} passages a CPU second")
                means = {}
                for mode in (Mode.TEXT, Mode.VECTORS, Mode.HYBRID):
                    ranks = [rank(index, question, str(number), mode) for number, question in asked]
                    at = {limit: statistics.mean(0 < one <= limit for one in ranks) for limit in (1, 5, 10)}
                    mean = means[mode] = statistics.mean(1 / one if one else 0.0 for one in ranks)
                    shown = "  ".join(f"@{limit} {share:.3f}" for limit, share in at.items())
                    print(f"    {mode:8} {shown}  MRR {mean:.3f}", flush=True)
                met &= means[Mode.HYBRID] >= max(means.values()) - WORSE_MAX
    return met


def rank(index: Index, text: str, id: str, mode: Mode) -> int:
    """From 1; 0 where it is not among the first ten."""
    ids = [one.id for one in ask(index, Question(text, 10, mode=mode)).passages]
    return ids.index(id) + 1 if id in ids else 0


def faq(sources: Path, count: int) -> Pairs:
    """The questions with their answers, and `count` other sections, spread over the rest."""
    answers = [(title, body) for path in sorted(sources.glob("faq/*.rst.txt")) for title, body in sections(path)]
    asked = [(title, body) for title, body in answers if title.endswith("?")]
    others = [
        (f"{title}\n{body}")[:PASSAGE_MAX]
        for folder in ("tutorial", "howto", "library")
        for path in sorted(sources.glob(f"{folder}/*.rst.txt"))
        for title, body in sections(path)
    ]
    step = max(len(others) / count, 1.0)
    return asked + [("", others[int(place * step)]) for place in range(min(count, len(others)))]


def sections(path: Path) -> Iterator[tuple[str, str]]:
    """The title and the text of each section that has one, without the titles around it."""
    lines = path.read_text("utf-8").split("\n")
    titles = [
        number for number in range(1, len(lines))
        if UNDERLINE.fullmatch(lines[number].strip()) and len(lines[number]) >= len(lines[number - 1].strip()) > 2
    ]  # fmt: skip
    for place, number in enumerate(titles):
        end = titles[place + 1] - 1 if place + 1 < len(titles) else len(lines)
        body = "\n".join(lines[number + 1 : end]).strip()[:PASSAGE_MAX]
        if len(body) >= PASSAGE_MIN:
            yield " ".join(lines[number - 1].split()), body


def functions(count: int) -> Iterator[tuple[str, str]]:
    """First sentence of the docstring and the source without it, of functions spread over the whole library."""
    found = []
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.glob("**/*.py")):
        if {"site-packages", "test", "tests", "idlelib", "lib2to3"} & set(path.parts):
            continue
        try:
            source = path.read_text("utf-8")
            tree = ast.parse(source)
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            told = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
            if told and len(node.body) > 1:
                first = " ".join(told.split("\n\n")[0].split()).split(". ")[0]
                lines = source.split("\n")
                signature = lines[node.lineno - 1 : node.body[0].lineno - 1]
                code = "\n".join([*signature, *lines[node.body[0].end_lineno : node.end_lineno]])
                if 6 <= len(first.split()) <= 40 and code.count("\n") >= 4:
                    found.append((first, code[:3_000]))
    unique = list({code: (first, code) for first, code in found}.values())
    step = max(len(unique) / count, 1.0)
    return (unique[int(place * step)] for place in range(min(count, len(unique))))


if __name__ == "__main__":
    sys.exit(main())
