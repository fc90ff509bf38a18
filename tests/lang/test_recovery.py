"""Errors stay local: seeded mutations of a valid file damage one block, are named on their line, and are named once."""

import random
import re
from collections import Counter
from typing import NamedTuple

import pytest

from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Block

MUTANTS = 1000
KINDS = ("delete token", "insert token", "delete quote", "truncate line")
INSERTED = ("{", "}", "[", "]", "(", ")", "=", ",", ":", '"', "word", "42", ".", "?", "+")
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[A-Za-z_][\w-]*|\d+|[^\s\w]')


class Mutant(NamedTuple):
    kind: str
    block: int
    line: int
    text: str


class Score(NamedTuple):
    mutants: int
    blocks_kept: float
    all_kept: float
    exact_line: float
    diagnostics_per_fault: float


def valid_file(chance: random.Random) -> list[str]:
    """The texts of 20 blocks: strings, lists, objects, references, templates, nested blocks, comments."""
    blocks = []
    for number in range(20):
        language = chance.choice(("rust", "python", "ts", "go"))
        lines = [f'{language}_module "agent_{number}" {{', f'  source = "agents/a{number}.x"']
        optional = [
            ["  compile = true"],
            [f'  output = ["out/{number}.json", "out/{number}.csv"]'],
            ["  traits = [", '    "careful",', '    "fast",', "  ]"],
            ["  env = {", '    NAME = "x"', f"    LEVEL = {number}", "  }"],
            [f"  input = python_module.agent_{number - 1}.output  # from before"],
            ['  role = "reads ${var.what} twice"'],
            [f"  retries = {number} + 1"],
            ["  resources {", "    cpu = 2", '    memory = "1GB"', "  }"],
            ['  args = ["--level", tostring(var.level)]'],
        ]
        for lines_more in chance.sample(optional, 5):
            lines.extend(lines_more)
        blocks.append("\n".join([*lines, "}"]))
    return blocks


def mutants(count: int, seed: int) -> list[Mutant]:
    """That many texts with one fault each, all of them invalid."""
    chance = random.Random(seed)
    blocks = valid_file(chance)
    found: list[Mutant] = []
    while len(found) < count:
        kind = chance.choice(KINDS)
        index = chance.randrange(len(blocks))
        mutated = _mutate(blocks[index], kind, chance)
        if mutated is None:
            continue
        damaged, line = mutated
        before = "\n\n".join([*blocks[:index], ""])
        text = "\n\n".join([*blocks[:index], damaged, *blocks[index + 1 :]]) + "\n"
        if parse(text).diagnostics:
            found.append(Mutant(kind, index, before.count("\n") + line, text))
    return found


def _mutate(block: str, kind: str, chance: random.Random) -> tuple[str, int] | None:
    """The block with one fault, and the line (from 0) where it is."""
    tokens = [match.span() for match in _TOKEN.finditer(re.sub(r"#.*", lambda m: " " * len(m[0]), block))]
    start, end = chance.choice(tokens)
    if kind == "delete token":
        return block[:start] + block[end:], block.count("\n", 0, start)
    if kind == "insert token":
        return f"{block[:start]}{chance.choice(INSERTED)} {block[start:]}", block.count("\n", 0, start)
    if kind == "delete quote":
        quotes = [match.start() for match in re.finditer('"', block)]
        place = chance.choice(quotes)
        return block[:place] + block[place + 1 :], block.count("\n", 0, place)
    lines = block.split("\n")
    line = chance.randrange(len(lines))
    if len(lines[line].strip()) < 2:
        return None
    indent = len(lines[line]) - len(lines[line].lstrip())
    lines[line] = lines[line][: chance.randrange(indent + 1, len(lines[line]))]
    return "\n".join(lines), line


def shape(node: object) -> object:
    """A node without its places."""
    if not isinstance(node, tuple):
        return node
    if hasattr(node, "_fields"):
        places = ("start", "end", "header_end", "name_start")
        return (type(node).__name__, *(shape(v) for f, v in zip(node._fields, node, strict=True) if f not in places))
    return tuple(shape(item) for item in node)


def score(count: int, seed: int, only: str = "") -> Score:
    """How well the parser does; with `only`, on one kind of mutation."""
    originals = [shape(item) for item in parse("\n\n".join(valid_file(random.Random(seed))) + "\n").body.items]
    kept_shares, exact, total, whole = 0.0, 0, 0, 0
    population = [mutant for mutant in mutants(count, seed) if only in mutant.kind]
    for mutant in population:
        file = parse(mutant.text)
        have = Counter(shape(item) for item in file.body.items if isinstance(item, Block))
        others = Counter(original for number, original in enumerate(originals) if number != mutant.block)
        kept = sum((have & others).values())
        kept_shares += kept / (len(originals) - 1)
        whole += kept == len(originals) - 1
        first = file.diagnostics[0].span
        assert first is not None
        exact += mutant.text.count("\n", 0, first.start) == mutant.line
        total += len(file.diagnostics)
    size = len(population)
    return Score(size, kept_shares / size, whole / size, exact / size, total / size)


def test_errors_stay_local() -> None:
    result = score(MUTANTS, seed=20)
    print(result)
    assert result.mutants >= 1000
    assert result.blocks_kept >= 0.99
    assert result.exact_line >= 0.85
    assert result.diagnostics_per_fault <= 1.5


@pytest.mark.parametrize("damaged", ["foo = @\n", "locals {\n}}\n", "foo = [1,\n"])
@pytest.mark.parametrize("block", ['go_module "a" { source = "x" }\n', "locals {}\n"])
def test_a_block_on_one_line_is_read_after_an_error(damaged: str, block: str) -> None:
    file = parse(damaged + block)
    assert len(file.diagnostics) == 1
    assert shape(file.body.items[-1]) == shape(parse(block).body.items[0])


def test_the_measure_notices_a_lost_block() -> None:
    """The control: the same count, of a text in which another block than the mutated one is really missing."""
    blocks = valid_file(random.Random(20))
    others = Counter(shape(item) for item in parse("\n".join(blocks[1:])).body.items)
    have = Counter(shape(item) for item in parse("\n".join(blocks[2:])).body.items)
    assert sum((have & others).values()) == len(blocks) - 2


if __name__ == "__main__":
    for name in ("", *KINDS):
        print(f"{name or 'all':<16}", score(4000, seed=7, only=name))


@pytest.mark.parametrize(
    "line",
    [
        "resources variable true path a b c d e f g",
        'a "b" c "d',
        "1e~}",
        "a {",
        "= <<E",
        "}",
        '"${',
        "a = [{(",
        "a { b ",
    ],
    ids=repr,
)
def test_reading_takes_time_in_proportion_to_the_text(line: str) -> None:
    """No line is tried again and again: each of these took for ever, or would, if it were."""
    parse('"a"\n' + f"{line} " * 2_000, "main.tars")
    parse('"a"\n' + f"{line}\n" * 2_000, "main.tars")
