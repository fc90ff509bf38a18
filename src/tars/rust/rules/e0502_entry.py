"""Mends looking a key up in a map and inserting it where it is missing: the map's entry does both with one loan."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_GET = re.compile(r"(?P<map>[\w.]+)\s*\.\s*get(?:_mut)?\((?P<key>.*)\)$", re.S)
_INSERT = re.compile(r"(?P<map>[\w.]+)\s*\.\s*insert\((?P<rest>.*)\)\s*;", re.S)
_SIMPLE = re.compile(r"[\w.]+|\w+::new\(\)|\d\w*|\"[^\"]*\"")


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    if match is not None:
        yield from _from_match(site.file, match)


def _from_match(file: SourceFile, match: Node) -> Iterator[Patch]:
    value, body = match.child_by_field_name("value"), match.child_by_field_name("body")
    asked = _GET.match(file.text(value)) if value is not None else None
    arms = [one for one in body.named_children if one.type == "match_arm"] if body else []
    none = next((one for one in arms if _pattern(file, one) == "None"), None)
    some = next((one for one in arms if re.fullmatch(r"Some\(\w+\)", _pattern(file, one))), None)
    if asked is None or none is None or some is None or len(arms) != 2:
        return
    inserted = _INSERT.search(file.text(none))
    given = some.child_by_field_name("value")
    name = _pattern(file, some)[5:-1]
    if inserted is None or given is None or file.text(given).strip("{} ,") != name or inserted["map"] != asked["map"]:
        return
    key, new = _arguments(inserted["rest"])
    if not new:
        return
    text = f"{asked['map']}.entry({key}).{_or_insert(new)}"
    yield patch("use the map's entry", 0.75, file.replace(match, text))


def _or_insert(new: str) -> str:
    """How an entry is given the value of this text."""
    if found := re.fullmatch(r"(\w+(?:::<.*>)?::new)\(\)", new):
        return f"or_insert_with({found[1]})"
    return f"or_insert({new})" if _SIMPLE.fullmatch(new) else f"or_insert_with(|| {new})"


def _pattern(file: SourceFile, arm: Node) -> str:
    pattern = arm.child_by_field_name("pattern")
    return file.text(pattern).strip() if pattern is not None else ""


def _arguments(text: str) -> tuple[str, str]:
    """The two arguments of an `insert`."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "," and depth == 0:
            return text[:at].strip(), text[at + 1 :].strip()
    return text, ""


PLUGIN = Mend(
    codes=("E0502", "E0499"),
    title="look up and insert through the map's entry",
    cites=("docs:std/collections/hash_map/enum.Entry.html", "docs:book/ch08-03-hash-maps.html"),
    examples=(
        Example(
            "use std::collections::HashMap;\n\npub fn name(all: &mut HashMap<u8, String>, key: u8) -> &String {\n"
            "    match all.get(&key) {\n        Some(name) => name,\n        None => {\n"
            "            all.insert(key, String::new());\n            &all[&key]\n        }\n    }\n}\n",
            "use std::collections::HashMap;\n\npub fn name(all: &mut HashMap<u8, String>, key: u8) -> &String {\n"
            "    all.entry(key).or_insert_with(String::new)\n}\n",
        ),
        Example(
            "use std::collections::HashMap;\n\npub fn name(all: &mut HashMap<u8, u8>, key: u8) -> &mut u8 {\n"
            "    match all.get_mut(&key) {\n        Some(name) => name,\n        None => {\n"
            "            all.insert(key, 1);\n            all.get_mut(&key).unwrap()\n        }\n    }\n}\n",
            "use std::collections::HashMap;\n\npub fn name(all: &mut HashMap<u8, u8>, key: u8) -> &mut u8 {\n"
            "    all.entry(key).or_insert(1)\n}\n",
        ),
    ),
    patches=_patches,
)
