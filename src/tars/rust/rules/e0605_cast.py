"""Converts where `as` cannot: texts, lists, characters, structs of one field, loans."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.conversions import conversions
from tars.rust.rules_support.items import declared_type, fields, items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import INTEGERS, RustType, parse_type
from tars.rust.values import Example, Patch

_CAST = re.compile(r"`(.+)` as `(.+)`$|casting `(.+)` as `(.+)` is invalid|as `char`, not `(.+)`$|pointer `(.+)` to")
_WAYS_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    cast = site.up("type_cast_expression") or next(site.file.walk("type_cast_expression", within=site.node), None)
    value = cast.child_by_field_name("value") if cast else None
    type_ = cast.child_by_field_name("type") if cast else None
    said = _CAST.search(site.diagnostic.message)
    if cast is None or value is None or type_ is None or said is None:
        return
    text = site.file.text(value)
    wanted = parse_type(site.file.text(type_))
    found = parse_type(next(one for one in (said[1], said[3], said[5], said[6]) if one))
    if site.diagnostic.code == "E0604":
        yield from _character(site, cast.start_byte, text, found)
        return
    if site.diagnostic.code == "E0607":
        inner = str(wanted).replace("[", "").replace("]", "")
        yield patch("cast to a pointer of the same kind", 0.4, site.file.replace(type_, inner))
        return
    if found.head == "char" and wanted.head in ("f32", "f64"):
        yield patch("cast through an integer", 0.6, site.file.insert(value.end_byte, " as u32"))
    yield from _own(site, text, found, wanted)
    for way in [*conversions(found, wanted)][:_WAYS_MAX]:
        if "?" not in way.template:
            applied = way.applied(text, value.type)
            yield patch(way.reason, way.confidence, site.file.replace(cast, applied))
    if found.head == "&" and wanted.head in INTEGERS and found.inner.head not in ("str", "String"):
        yield patch("cast what it refers to", 0.6, site.file.insert(value.start_byte, "*"))


def _character(site: Site, start: int, text: str, found: RustType) -> Iterator[Patch]:
    cast = site.up("type_cast_expression")
    if cast is None:
        return
    literal = re.fullmatch(r"(\d+)(?:_?[iu]\d+|_?[iu]size)?", text)
    if literal and int(literal[1]) < 256:
        yield patch("write the number as a byte", 0.7, site.file.replace(cast, f"{literal[1]}u8 as char"))
    elif found.head in INTEGERS or found.head in ("f32", "f64"):
        yield patch("take the low byte", 0.5, site.file.insert(start + len(text.encode()), " as u8"))


def _own(site: Site, text: str, found: RustType, wanted: RustType) -> Iterator[Patch]:
    """A struct that holds what is wanted, or that is made of what there is."""
    source, target = declared_type(site.context, str(found)), declared_type(site.context, str(wanted))
    cast = site.up("type_cast_expression")
    if cast is None:
        return
    for file, impl in items(site.context, "impl_item", name=wanted.head):
        if parse_type(trait_of(file, impl)) == RustType("From", (found,)):
            yield patch(f"make a `{wanted.head}` of it", 0.75, site.file.replace(cast, f"{wanted.head}::from({text})"))
    if source is not None and source[1].type == "struct_item":
        held = [name for name, type_ in fields(*source) if parse_type(type_) == wanted]
        if len(held) == 1:
            yield patch(f"take its `{held[0]}`", 0.6, site.file.replace(cast, f"{text}.{held[0]}"))
    if target is not None and target[1].type == "struct_item":
        parts = fields(*target)
        if len(parts) == 1 and parse_type(parts[0][1]) == found:
            name = name_of(*target)
            made = f"{name}({text})" if parts[0][0] == "0" else f"{name} {{ {parts[0][0]}: {text} }}"
            yield patch(f"make a `{name}` of it", 0.6, site.file.replace(cast, made))


PLUGIN = Mend(
    codes=("E0604", "E0605", "E0606", "E0607"),
    title="convert where `as` cannot",
    cites=("docs:reference/expressions/operator-expr.html#type-cast-expressions", "docs:error_codes/E0605.html"),
    examples=(
        Example(
            "pub fn letter() -> char {\n    66u32 as char\n}\n", "pub fn letter() -> char {\n    66u8 as char\n}\n"
        ),
        Example(
            "pub fn show(n: i32) -> String {\n    n as String\n}\n",
            "pub fn show(n: i32) -> String {\n    n.to_string()\n}\n",
        ),
        Example(
            "pub fn wide(n: &u8) -> u32 {\n    n as u32\n}\n",
            "pub fn wide(n: &u8) -> u32 {\n    *n as u32\n}\n",
        ),
        Example(
            "pub fn pointer(p: *const u8) -> bool {\n    (p as *const [u8]).is_null()\n}\n",
            "pub fn pointer(p: *const u8) -> bool {\n    (p as *const u8).is_null()\n}\n",
        ),
    ),
    patches=_patches,
)
