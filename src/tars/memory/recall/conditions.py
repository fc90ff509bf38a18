"""Turns the conditions of a question into a condition of SQL over the passages; values are always parameters."""

from typing import Final

from tars.memory.recall.values import Condition, Question

_COLUMNS: Final = {"path": "path", "title": "title", "id": "id"}
"""What is asked of the passage itself; every other key is looked up in its metadata."""


def restriction(question: Question) -> tuple[str, list[object]]:
    """An SQL condition on the table `passages` with the values of its parameters; empty where all may answer."""
    parts: list[str] = []
    values: list[object] = []
    for condition in question.conditions:
        text, given = _part(condition)
        parts.append(text)
        values += given
    if question.folder:
        below = question.folder.strip("/") + "/"
        parts.append("(path = ? OR (path >= ? AND path < ?))")
        values += [question.folder.strip("/"), below, below[:-1] + "0"]  # `0` is the character after `/`
    for bound, operator in ((question.since, ">="), (question.until, "<=")):
        if bound is not None:
            parts.append(f"time {operator} ?")
            values.append(bound)
    return " AND ".join(parts), values


def _part(condition: Condition) -> tuple[str, list[object]]:
    key, operator, value = condition.key, condition.operator, condition.value
    column = _COLUMNS.get(key)
    if column is not None:
        return f"{column} {operator} ?", [value]
    if operator == "=":
        return "row IN (SELECT row FROM facts WHERE key = ? AND value = ?)", [key, value]
    if operator == "!=":
        return "row NOT IN (SELECT row FROM facts WHERE key = ? AND value = ?)", [key, value]
    number = _number(value)
    if number is None:
        return f"row IN (SELECT row FROM facts WHERE key = ? AND value {operator} ?)", [key, value]
    # GLOB keeps texts that only begin like a number from being compared as one.
    numeric = "value GLOB '[-0-9.]*' AND value NOT GLOB '*[^-+0-9.eE]*'"
    return f"row IN (SELECT row FROM facts WHERE key = ? AND {numeric} AND CAST(value AS REAL) {operator} ?)", [
        key,
        number,
    ]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
