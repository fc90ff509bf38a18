"""Adds the arms that a `match` misses, where the other arms tell what they should give."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.patterns import add_arm, arms, empty_value, fallback, pattern_of, value_of
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_PATTERNS_MAX = 4
_ABSENT = re.compile(r"&?(None|(Result::)?Err\(_\)|\[\]|i\d+::MIN\.\.=.*|0_\w+)$")


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    if match is None:
        return
    yield from _without_guard(site, match)
    pattern = _missing(site, match)
    found = fallback(site.file, match)
    if found is None:
        found = _passed_on(site, match, pattern) or _empty(site, match) or _unchanged(site, match, pattern)
    if found is None:
        return
    value, confidence = _passed_on(site, match, pattern) or found
    change = add_arm(site.file, match, pattern, value)
    if change is not None:
        yield patch(f"match `{pattern}` too", confidence, change)
    if pattern != "_" and (wild := add_arm(site.file, match, "_", value)):
        yield patch("match everything else too", confidence * 0.6, wild)


def _missing(site: Site, match: Node) -> str:
    """The missing patterns as the other arms would write them; `_` where they are many or ranges."""
    said = site.diagnostic.message.partition(":")[2]
    names = [name.lstrip("&") for name in re.findall(r"`([^`]+)`", said)]
    if (
        " more " in said
        or not 0 < len(names) <= _PATTERNS_MAX
        or any(".." in re.sub(r"\{ \.\. \}", "", n) for n in names)
    ):
        return "_"
    paths = [re.match(r"(?:(\w+(?:::\w+)*)::)?(\w+)::\w+", pattern_of(site.file, arm)) for arm in arms(match)]
    written = {path[2]: path[0].rpartition("::")[0] for path in paths if path}
    if "Self" in written:
        names = [re.sub(r"^\w+::", "Self::", name) for name in names]
    else:
        names = [re.sub(r"^(\w+)(?=::)", lambda one: written.get(one[1], one[1]), name) for name in names]
    bare = [re.match(r"([A-Z]\w*)\b(?!::)", pattern_of(site.file, arm)) for arm in arms(match)]
    if bare and all(bare) and all("::" in name for name in names):
        names = [name.rpartition("::")[2] for name in names]
    return " | ".join(names)


def _empty(site: Site, match: Node) -> tuple[str, float] | None:
    """The empty value, where what is missing is the absent case, and the function's result is the match."""
    names = re.findall(r"`([^`]+)`", site.diagnostic.message.partition(":")[2])
    if not names or not all(_ABSENT.match(name) for name in names):
        return None
    function = enclosing_function(match)
    block = match.parent
    if function is None or block is None or not any(one.id == block.id for one in ancestors(match)):
        return None
    body = function.child_by_field_name("body")
    wrapped = block.type == "expression_statement" and block.parent is not None
    holder = block.parent if wrapped else block
    if body is None or holder is None or holder.id != body.id:
        return None
    value = empty_value(return_type(site.file, function) or parse_type("_"))
    return (value, 0.2) if value else None


def _passed_on(site: Site, match: Node, pattern: str) -> tuple[str, float] | None:
    """What is absent is absent for the caller too: where the one other arm only takes the value out."""
    given = [(pattern_of(site.file, arm), value_of(site.file, arm)) for arm in arms(match)]
    returned = return_type(site.file, enclosing_function(match)) or parse_type("_")
    taken = re.fullmatch(r"(?:Some|Ok)\((?:mut )?(\w+)\)", given[0][0]) if len(given) == 1 else None
    if taken is None or given[0][1] != taken[1] or (pattern, returned.head) != ("None", "Option"):
        return None
    return "return None", 0.65


def _unchanged(site: Site, match: Node, pattern: str) -> tuple[str, float] | None:
    """The variant itself, where every arm gives another variant of the same enum."""
    given = [(pattern_of(site.file, arm), value_of(site.file, arm)) for arm in arms(match)]
    named = [re.match(r"([A-Z]\w*)::[A-Z]\w*(\(.*\)|\s*\{.*\})?$", text, re.S) for pair in given for text in pair]
    heads = {one[1] for one in named if one}
    plain = all(named) and len(heads) == 1
    return (pattern, 0.35) if plain and re.fullmatch(r"[A-Z]\w*::[A-Z]\w*", pattern) else None


def _without_guard(site: Site, match: Node) -> Iterator[Patch]:
    """Guards do not count: where the last one covers what is left, it says nothing."""
    given = arms(match)
    if len(given) < 2:
        return
    pattern = given[-1].child_by_field_name("pattern")
    guard = pattern.child_by_field_name("condition") if pattern else None
    before = given[-2].child_by_field_name("pattern")
    if pattern is None or guard is None or before is None or before.child_by_field_name("condition") is None:
        return
    yield patch(
        "let the last arm take what is left", 0.45, site.file.replace(pattern, pattern_of(site.file, given[-1]))
    )


PLUGIN = Mend(
    codes=("E0004",),
    title="match the cases that are missing",
    cites=("docs:error_codes/E0004.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            """
pub enum Door {
    Open,
    Ajar(u8),
    Shut,
}
pub fn tell(door: &Door) {
    match door {
        Door::Open => println!("open"),
        Door::Shut => println!("shut"),
    }
}
""",
            """
pub enum Door {
    Open,
    Ajar(u8),
    Shut,
}
pub fn tell(door: &Door) {
    match door {
        Door::Open => println!("open"),
        Door::Shut => println!("shut"),
        Door::Ajar(_) => {}
    }
}
""",
        ),
        Example(
            """
pub fn sign(n: i32) -> i32 {
    match n {
        n if n < 0 => -1,
        n if n >= 0 => 1,
    }
}
""",
            """
pub fn sign(n: i32) -> i32 {
    match n {
        n if n < 0 => -1,
        n => 1,
    }
}
""",
        ),
    ),
    patches=_patches,
)
