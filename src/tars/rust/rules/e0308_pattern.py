"""Mends patterns of another type than what they are matched with."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, name_of, variants
from tars.rust.rules_support.mend import Mend, Site, children, parts, patch
from tars.rust.rules_support.types import RustType, mismatch, parse_type
from tars.rust.values import Change, Example, Patch

_RENAMED = {
    ("Result", "Option"): (("Some(", "Ok("), ("None", "Err(_)")),
    ("Option", "Result"): (("Ok(", "Some("), ("Err(_)", "None")),
}
_SAID = ("this expression has type", "this is an iterator with items of type")
_MATCHES = ("match_expression", "let_condition", "let_declaration", "for_expression")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    said = next((one for one in site.diagnostic.labels if one.text.startswith(_SAID)), None)
    around = site.up(*_MATCHES)
    if types is None or said is None or around is None or said.place == site.place:
        return
    scrutinee = site.node_of(said.place)
    given = parse_type(said.text.partition("`")[2].rpartition("`")[0])
    yield from _matched_text(site, scrutinee, given, types.wanted)
    yield from _other_variants(site, around, types.wanted, types.found)
    yield from _tuple(site, types.wanted)
    if around.type == "for_expression" and len(parts(site.file, site.node)) == 2 and types.wanted.head != "()":
        yield patch("count them as they come", 0.6, site.file.insert(scrutinee.end_byte, ".enumerate()"))
    yield from _loosened(site, scrutinee, given, types.found)
    yield from _literals(site, around, types.wanted)


def _matched_text(site: Site, scrutinee: Node, given: RustType, wanted: RustType) -> Iterator[Patch]:
    """A `String` matched with literals: match its `&str`."""
    if site.node.type != "string_literal" or wanted.peeled.head != "String":
        return
    if given.peeled.head == "String":
        start = "(" if scrutinee.type in ("unary_expression", "reference_expression") else ""
        if scrutinee.type == "reference_expression" and (value := scrutinee.child_by_field_name("value")):
            yield patch(
                "match the text as `&str`", 0.8, site.file.replace(scrutinee, f"{site.file.text(value)}.as_str()")
            )
        changes = [site.file.insert(scrutinee.start_byte, start)] if start else []
        changes.append(site.file.insert(scrutinee.end_byte, (")" if start else "") + ".as_str()"))
        yield patch("match the text as `&str`", 0.8, *changes)
    elif given.peeled.head == "Option":
        yield patch("match the text as `&str`", 0.7, site.file.insert(scrutinee.end_byte, ".as_deref()"))
    elif scrutinee.type == "tuple_expression":
        values = zip(children(scrutinee), given.arguments, strict=False)
        texts = [value for value, of in values if of.peeled.head == "String"]
        yield patch("match the texts as `&str`", 0.7, *(site.file.insert(one.end_byte, ".as_str()") for one in texts))


def _other_variants(site: Site, around: Node, wanted: RustType, found: RustType) -> Iterator[Patch]:
    """`Some` and `None` where the value is a `Result`, and the reverse; a variant behind the name of another enum."""
    names = _RENAMED.get((wanted.peeled.head, found.peeled.head))
    patterns = [*site.file.walk("match_pattern", within=around)] if around.type == "match_expression" else [site.node]
    if names:
        changes = [change for one in patterns if (change := _renamed(site, one, names))]
        yield patch(f"match the variants of `{wanted.peeled.head}`", 0.6, *changes)
        return
    path = re.match(r"(\w+)::(\w+)", site.text)
    enum = declared_type(site.context, str(wanted))
    if path and enum and enum[1].type == "enum_item":
        known = {name_of(enum[0], one) for one in variants(enum[1])}
        if path[2] in known:
            yield patch(
                f"name the variant of `{wanted.peeled.head}`", 0.6,
                *(_enum_renamed(site, one, path[1], wanted.peeled.head) for one in patterns
                  if site.file.text(one).startswith(path[1] + "::")),
            )  # fmt: skip


def _renamed(site: Site, pattern: Node, names: tuple[tuple[str, str], ...]) -> Change | None:
    text = site.file.text(pattern)
    for old, new in names:
        if text.startswith(old):
            return site.file.replace(pattern, new + text[len(old) :])
    if text.startswith("Err("):
        return site.file.replace(pattern, "None")
    return None


def _enum_renamed(site: Site, pattern: Node, old: str, new: str) -> Change:
    return site.file.replace(pattern, new + site.file.text(pattern)[len(old) :])


def _tuple(site: Site, wanted: RustType) -> Iterator[Patch]:
    """A tuple pattern with too few or too many parts."""
    given = parts(site.file, site.node)
    if site.node.type != "tuple_pattern" or wanted.head != "()":
        return
    missing = len(wanted.arguments) - len(given)
    if missing > 0 and given:
        yield patch("leave the rest of the tuple open", 0.5, site.file.insert(given[-1].end, ", _" * missing))
    elif missing < 0 and len(given) + missing > 0:
        end = given[len(given) + missing - 1].end
        text = site.file.text(site.node)[: end - site.node.start_byte] + ")"
        yield patch("bind only the parts that the tuple has", 0.4, site.file.replace(site.node, text))


def _loosened(site: Site, scrutinee: Node, given: RustType, found: RustType) -> Iterator[Patch]:
    """What stands in a `Box`, an `Rc` or a loan: match what is in it."""
    text = site.file.text(scrutinee)
    bare = given.peeled
    if bare.head in ("Box", "Rc", "Arc", "Ref", "RefMut", "MutexGuard") and bare.inner.head == found.peeled.head:
        stars = "*" * (1 + (given.head == "&"))
        if bare.head == "Box" and given.head != "&":
            yield patch("match what the box holds", 0.6, site.file.replace(scrutinee, f"*{text}"))
        yield patch("match what it holds", 0.5, site.file.replace(scrutinee, f"&{stars}{text}"))
    elif bare.head in ("RefCell", "Mutex") and bare.inner.head == found.peeled.head:
        how = ".borrow()" if bare.head == "RefCell" else ".lock().unwrap()"
        yield patch("match what it holds", 0.5, site.file.replace(scrutinee, f"*{text}{how}"))
    elif given.head in ("Option", "Result") and given.inner.peeled.head == found.peeled.head:
        maker = "Some" if given.head == "Option" else "Ok"
        yield patch(f"match the value in `{maker}`", 0.35, site.file.replace(site.node, f"{maker}({site.text})"))


def _literals(site: Site, around: Node, wanted: RustType) -> Iterator[Patch]:
    """Literals in the form of another type, in all arms."""
    kind = site.node.type
    head = wanted.peeled.inner.head if wanted.head == "&" and wanted.inner.head == "&" else wanted.peeled.head
    if kind not in ("char_literal", "string_literal") or head not in ("str", "char", "u8"):
        return
    changes = []
    for one in site.file.walk(kind, within=around):
        within_pattern = site.file.node_of(site.file.place(one), "match_pattern", "let_condition")
        text = site.file.text(one)
        inner = text[1:-1]
        new = {"str": f'"{inner}"', "char": f"'{inner}'", "u8": f"b'{inner}'"}[head]
        if within_pattern is not None and not (head != "str" and len(inner.encode()) > 1 and inner[0] != "\\"):
            changes.append(site.file.replace(one, new))
    if changes:
        yield patch(f"write the literals as `{head}`", 0.6, *changes)


PLUGIN = Mend(
    codes=("E0308",),
    title="match with patterns of the value's type",
    cites=("docs:reference/patterns.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub fn rank(name: String) -> u8 {
    match name {
        "ace" => 1,
        _ => 0,
    }
}
""",
            """
pub fn rank(name: String) -> u8 {
    match name.as_str() {
        "ace" => 1,
        _ => 0,
    }
}
""",
        ),
        Example(
            """
pub fn or_zero(n: Result<i32, String>) -> i32 {
    match n {
        Some(n) => n,
        None => 0,
    }
}
""",
            """
pub fn or_zero(n: Result<i32, String>) -> i32 {
    match n {
        Ok(n) => n,
        Err(_) => 0,
    }
}
""",
        ),
        Example(
            """
pub fn first(point: (u8, u8, u8)) -> u8 {
    let (x, _) = point;
    x
}
""",
            """
pub fn first(point: (u8, u8, u8)) -> u8 {
    let (x, _, _) = point;
    x
}
""",
        ),
    ),
    patches=_patches,
)
