"""Mends `#[repr(…)]` and `#[derive(…)]` that contradict one another or stand on what they do not fit."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import attributes, item_below
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_ITEMS = ("struct_item", "enum_item", "union_item", "type_item", "function_item", "impl_item", "trait_item")
_REPR = re.compile(r"#\s*\[\s*repr\s*\((.*)\)\s*\]$", re.S)


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    if code in ("E0777", "E0774"):
        yield from _derived(site)
        return
    attribute = site.up("attribute_item")
    item = site.up(*_ITEMS) if attribute is None else item_below(attribute)
    if item is None:
        return
    given = [(one, hints) for one in attributes(item) if (hints := _hints(site.file, one)) is not None]
    if code == "E0552":
        yield patch("lay it out as C does", 0.5, site.file.replace(site.place, "C"))
    elif code == "E0565" and (text := re.fullmatch(r'#\s*\[\s*repr\s*\(\s*"(.*)"\s*\)\s*\]', site.text)):
        yield patch("write the hint without quotes", 0.8, site.file.replace(site.place, f"#[repr({text[1]})]"))
    elif code == "E0589" and site.text.isdigit():
        power = 1 << (max(int(site.text), 1) - 1).bit_length()
        yield patch("align to the next power of two", 0.6, site.file.replace(site.place, str(min(power, 1 << 29))))
    elif code == "E0588":
        yield from _aligned_within(site)
    elif code in ("E0517", "E0084") and given:
        wrong = site.text
        for one, hints in given:
            if code == "E0084" or wrong in hints:
                left = [hint for hint in hints if hint != wrong and code != "E0084"]
                yield patch("leave out the hint, which does not fit here", 0.6, _written(site.file, one, left))
                return
    elif code in ("E0692", "E0587", "E0634") and given:
        yield from _one_of(site, code, given)
    elif code == "E0732" and item.type == "enum_item":
        indent = site.file.indent(item.start_byte)
        signed = "i8" if re.search(r"=\s*-", site.file.text(item)) else "u8"
        change = site.file.insert(item.start_byte, f"#[repr({signed})]\n{indent}")
        yield patch("say in what type the numbers are kept", 0.7, change)


def _derived(site: Site) -> Iterator[Patch]:
    """`#[derive("Clone")]` names traits without quotes, and stands on types only."""
    attribute = site.up("attribute_item")
    if attribute is None:
        return
    text = site.file.text(attribute)
    if site.diagnostic.code == "E0777":
        bare = re.sub(r'"([\w:, ]+)"', r"\1", text)
        yield patch("name the traits without quotes", 0.85, site.file.replace(attribute, bare))
        return
    yield patch("derive nothing for what is no type", 0.55, _written(site.file, attribute, []))


def _hints(file: SourceFile, attribute: Node) -> list[str] | None:
    found = _REPR.match(file.text(attribute))
    return [hint.strip() for hint in found[1].split(",") if hint.strip()] if found else None


def _written(file: SourceFile, attribute: Node, hints: list[str]) -> Change:
    """The attribute with these hints; none at all without any."""
    if hints:
        return file.replace(attribute, f"#[repr({', '.join(hints)})]")
    end = attribute.end_byte
    while file.data[end : end + 1] in (b" ", b"\n"):
        end += 1
    return Change(Place(file.path, attribute.start_byte, end), "")


def _one_of(site: Site, code: str, given: list[tuple[Node, list[str]]]) -> Iterator[Patch]:
    """Hints that exclude one another: either is kept."""
    keys = {"E0692": ("transparent",), "E0587": ("align", "packed"), "E0634": ("packed",)}[code]
    for key in keys:
        changes: list[Change] = []
        seen = False
        for attribute, hints in given:
            rivals = [hint for hint in hints if code == "E0692" or hint.partition("(")[0] in keys]
            kept = [hint for hint in hints if hint not in rivals]
            for hint in reversed(rivals):
                if hint.partition("(")[0] == key and not seen:
                    seen = True
                    kept.append(hint)
            if kept != hints:
                changes.append(_written(site.file, attribute, kept))
        if changes:
            yield patch(f"keep `{key}` alone", 0.5, *changes)


def _aligned_within(site: Site) -> Iterator[Patch]:
    """A packed type that holds an aligned one: the outer is not packed, or the inner not aligned."""
    inner = site.noted("#[repr(align)]")
    for place, name, sure in ((site.place, "packed", 0.45), (inner, "align", 0.4)):
        if place is None:
            continue
        file = site.file_of(place)
        item = file.node_of(place, *_ITEMS)
        for attribute in attributes(item) if item else ():
            hints = _hints(file, attribute)
            if hints and any(hint.startswith(name) for hint in hints):
                left = [hint for hint in hints if not hint.startswith(name)]
                yield patch(f"do without `{name}`", sure, _written(file, attribute, left))


PLUGIN = Mend(
    codes=(
        "E0084",
        "E0517",
        "E0552",
        "E0565",
        "E0587",
        "E0588",
        "E0589",
        "E0634",
        "E0692",
        "E0732",
        "E0774",
        "E0777",
    ),
    title="write attributes of types that fit",
    cites=("docs:reference/type-layout.html", "docs:error_codes/E0517.html"),
    examples=(
        Example("#[repr(D)]\npub struct Tag(pub u8);\n", "#[repr(C)]\npub struct Tag(pub u8);\n"),
        Example("#[derive(Clone)]\npub fn one() {}\n", "pub fn one() {}\n"),
        Example('#[derive("Clone")]\npub struct Tag(pub u8);\n', "#[derive(Clone)]\npub struct Tag(pub u8);\n"),
        Example("#[repr(u8)]\npub enum Never {}\n", "pub enum Never {}\n"),
        Example("#[repr(u8)]\npub struct Tag(pub u8);\n", "pub struct Tag(pub u8);\n"),
        Example('#[repr("C")]\npub struct Tag(pub u8);\n', "#[repr(C)]\npub struct Tag(pub u8);\n"),
        Example(
            "#[repr(packed, align(4))]\npub struct Tag(pub u8);\n",
            "#[repr(align(4))]\npub struct Tag(pub u8);\n",
        ),
        Example(
            "#[repr(align(8))]\npub struct Wide(pub u8);\n#[repr(packed)]\npub struct Tag(pub Wide);\n",
            "#[repr(align(8))]\npub struct Wide(pub u8);\npub struct Tag(pub Wide);\n",
        ),
        Example("#[repr(align(12))]\npub struct Tag(pub u8);\n", "#[repr(align(16))]\npub struct Tag(pub u8);\n"),
        Example(
            "#[repr(packed, packed(2))]\npub struct Tag(pub u8);\n", "#[repr(packed(2))]\npub struct Tag(pub u8);\n"
        ),
        Example(
            "#[repr(transparent, C)]\npub struct Tag(pub u8);\n", "#[repr(transparent)]\npub struct Tag(pub u8);\n"
        ),
        Example(
            "pub enum Step {\n    First = 1,\n    Next(u8) = 2,\n}\n",
            "#[repr(u8)]\npub enum Step {\n    First = 1,\n    Next(u8) = 2,\n}\n",
        ),
    ),
    patches=_patches,
)
