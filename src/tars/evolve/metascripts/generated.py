"""Inputs that were never there: each made from one that is, with the same form and other content.

JSON keeps its keys and types, tables their columns, texts their lines' lengths. The same seed gives the same.
"""

import csv
import io
import json
import random
import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

BYTES_MAX: Final = 16 << 20
LONGER_MAX: Final = 3
TABLES: Final = {".csv": ",", ".tsv": "\t"}


def generate(project: Path, paths: Iterable[str], seed: int) -> dict[str, str]:
    """Replaces these files of the project, which is a copy; what was made of each, in words."""
    made: dict[str, str] = {}
    for path in sorted(set(paths)):
        file = project / path
        if not file.is_file() or file.stat().st_size > BYTES_MAX:
            made[path] = "as it is: no file of at most 16 MiB"
            continue
        data = file.read_bytes()
        new, made[path] = varied(data, file.suffix.lower(), random.Random(f"{seed}/{path}"))
        file.unlink()  # it may be a link into what must not change
        file.write_bytes(new)
    return made


def varied(data: bytes, suffix: str, draw: random.Random) -> tuple[bytes, str]:
    """Other content of the same form, and what form that is; the same content where it has none that is known."""
    try:
        text = data.decode("utf-8")
    except ValueError:
        return data, "as it is: no text"
    if suffix == ".json":
        try:
            return json.dumps(_value(json.loads(text), draw), ensure_ascii=False).encode(), "other JSON of its form"
        except (ValueError, RecursionError):
            return data, "as it is: no JSON"
    if suffix in TABLES:
        return _table(text, TABLES[suffix], draw).encode(), "a table with its columns and other rows"
    return _lines(text, draw).encode(), "a text with other words"


def _value(value: Any, draw: random.Random) -> Any:
    if isinstance(value, dict):
        return {name: _value(one, draw) for name, one in value.items()}
    if isinstance(value, list):
        count = draw.choice((0, 1, len(value), len(value), draw.randint(0, LONGER_MAX * len(value) + 1)))
        return [_value(draw.choice(value), draw) for _ in range(count)] if value else []
    if isinstance(value, bool) or value is None:
        return value if value is None else draw.random() < 0.5
    if isinstance(value, int):
        return draw.choice((0, value, -value, draw.randint(-abs(value) - 1, 2 * abs(value) + 1)))
    if isinstance(value, float):
        return draw.choice((0.0, value, -value, value * draw.uniform(0, 2)))
    return _word(value, draw)


def _table(text: str, comma: str, draw: random.Random) -> str:
    head, *rows = list(csv.reader(io.StringIO(text), delimiter=comma)) or [[]]
    wanted = draw.choice((0, 1, len(rows), LONGER_MAX * len(rows)))
    written = io.StringIO()
    writer = csv.writer(written, delimiter=comma, lineterminator="\n")
    writer.writerow(head)
    for _ in range(wanted if rows else 0):
        writer.writerow([_cell(one, draw) for one in draw.choice(rows)])
    return written.getvalue()


def _cell(text: str, draw: random.Random) -> str:
    for read in (int, float):
        try:
            return str(_value(read(text), draw))
        except (ValueError, OverflowError):
            continue
    return _word(text, draw)


def _lines(text: str, draw: random.Random) -> str:
    lines = text.splitlines()
    wanted = draw.choice((0, 1, len(lines), LONGER_MAX * len(lines)))
    made = [
        " ".join(_word(word, draw) for word in draw.choice(lines).split(" ")) for _ in range(wanted if lines else 0)
    ]
    return "".join(f"{line}\n" for line in made)


def _word(text: str, draw: random.Random) -> str:
    if draw.random() < 0.5:
        return text
    return "".join(draw.choice(string.ascii_lowercase + "äß漢") if letter.isalpha() else letter for letter in text)
