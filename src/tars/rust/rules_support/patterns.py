"""Match arms: where one is added, and what a missing one may sensibly give."""

import re

from tree_sitter import Node

from tars.rust.rules_support.mend import children
from tars.rust.rules_support.types import RustType, is_float, is_integer, parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change

_FAILS = re.compile(r"^(\{\s*)?(panic!|unreachable!|return Err\(|Err\()")


def arms(match: Node) -> list[Node]:
    """The arms of a `match` expression."""
    body = match.child_by_field_name("body")
    return children(body, "match_arm") if body else []


def value_of(file: SourceFile, arm: Node) -> str:
    """What an arm gives, as written."""
    value = arm.child_by_field_name("value")
    return file.text(value).strip() if value else ""


def pattern_of(file: SourceFile, arm: Node) -> str:
    """The arm's pattern, its guard left out."""
    pattern = arm.child_by_field_name("pattern")
    if pattern is None:
        return ""
    condition = pattern.child_by_field_name("condition")
    text = file.text(pattern)
    if condition is not None:
        text = text[: condition.start_byte - pattern.start_byte]
        return re.sub(r"\s*if\s*$", "", text).strip()
    return text.strip()


def is_unit(text: str) -> bool:
    """Whether an arm's value gives nothing: an empty block, `()`, a block of statements, a printing macro."""
    return bool(
        re.fullmatch(r"\{\s*\}|\(\)", text)
        or re.search(r";\s*\}$", text)
        or re.match(r"(e?print(ln)?|assert\w*|write(ln)?)!", text)
    )


def fallback(file: SourceFile, match: Node) -> tuple[str, float] | None:
    """What an arm for anything else may give, judged by the other arms, and how likely it is meant.

    None where the others do not tell: a made-up value would hide the question.
    """
    values = [value_of(file, arm) for arm in arms(match)]
    if not values:
        return None
    if all(is_unit(value) for value in values):
        return "{}", 0.6
    if all(re.match(r"Some\(|None\b", value) for value in values):
        return "None", 0.5
    failing = next((value for value in values if _FAILS.match(value)), None)
    if failing is not None and '"' in failing:
        return failing, 0.3
    truths = {value for value in values if value in ("true", "false")}
    if len(truths) == 1 and len(values) == sum(value in truths for value in values):
        return ("false" if truths == {"true"} else "true"), 0.45
    same = set(values)
    return (values[-1], 0.3) if len(same) == 1 and len(values) > 1 else None


def empty_value(type_: RustType) -> str | None:
    """The empty value of a type: `0`, `""`, `None`, `Vec::new()`; None where none goes without saying."""
    simple = {"bool": "false", "String": "String::new()", "Option": "None", "char": "'\\0'"}
    if type_.head in simple:
        return simple[type_.head]
    if is_integer(type_):
        return "0"
    if is_float(type_):
        return "0.0"
    if type_.head in ("Vec", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque", "BinaryHeap"):
        return f"{type_.head}::new()"
    if type_.head == "&":
        return {"str": '""', "[]": "&[]"}.get(type_.inner.head)
    return "()" if type_ == parse_type("()") else None


def add_arm(file: SourceFile, match: Node, pattern: str, value: str) -> Change | None:
    """A further arm behind the last one, laid out as the others are."""
    body = match.child_by_field_name("body")
    if body is None:
        return None
    given = arms(match)
    arm = f"{pattern} => {value}" + ("" if value.endswith("}") else ",")
    if not given:
        return file.replace(body, "{ " + arm.rstrip(",") + " }")
    last = given[-1]
    end = last.end_byte
    text = file.text(last)
    comma = "" if text.endswith((",", "}")) else ","
    if file.line_start(last.start_byte) == file.line_start(body.start_byte):
        return file.insert(end, f"{comma} {arm.rstrip(',')}")
    return file.insert(end, f"{comma}\n{file.indent(last.start_byte)}{arm}")
