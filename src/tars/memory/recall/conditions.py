"""Turns the conditions of a question into a query for the rows that meet them; values are always parameters."""

from typing import Final

from tars.memory.recall.values import Condition, Question

_COLUMNS: Final = {"path": "path", "title": "title", "id": "id"}
"""What is asked of the passage itself; every other key is looked up in its metadata."""
_ALL: Final = "SELECT row FROM passages"
_FACTS: Final = "SELECT row FROM facts WHERE key = ? AND value = ?"
_NUMERIC: Final = "value GLOB '[-0-9.]*' AND value NOT GLOB '*[^-+0-9.eE]*'"
"""Keeps texts that only begin like a number from being compared as one."""

Part = tuple[str, list[object]]


def restriction(question: Question) -> Part:
    """An SQL query for the rows that may answer, with its parameters; empty where all may."""
    inside = [_part(one) for one in question.conditions if one.operator != "!=" or one.key in _COLUMNS]
    outside: list[Part] = [
        (_FACTS, [one.key, one.value])
        for one in question.conditions
        if one.operator == "!=" and one.key not in _COLUMNS
    ]
    if question.folder:
        root = question.folder.strip("/")
        # `0` is the character after `/`, so that this is all that begins with the folder and a slash.
        inside.append((f"{_ALL} WHERE path = ? OR (path >= ? AND path < ?)", [root, f"{root}/", f"{root}0"]))
    for bound, operator in ((question.since, ">="), (question.until, "<=")):
        if bound is not None:
            inside.append((f"{_ALL} WHERE time {operator} ?", [bound]))
    if not inside and not outside:
        return "", []
    inside = inside or [(_ALL, [])]
    query = " EXCEPT ".join([" INTERSECT ".join(text for text, _ in inside), *(text for text, _ in outside)])
    return query, [value for _, given in (*inside, *outside) for value in given]


def _part(condition: Condition) -> Part:
    key, operator, value = condition.key, condition.operator, condition.value
    column = _COLUMNS.get(key)
    if column is not None:
        return f"{_ALL} WHERE {column} {operator} ?", [value]
    if operator == "=":
        return _FACTS, [key, value]
    number = _number(value)
    if number is None:
        return f"SELECT row FROM facts WHERE key = ? AND value {operator} ?", [key, value]
    return f"SELECT row FROM facts WHERE key = ? AND {_NUMERIC} AND CAST(value AS REAL) {operator} ?", [key, number]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
