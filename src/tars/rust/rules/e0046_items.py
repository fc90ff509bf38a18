"""Adds the items that an implementation misses, where the type or the rest of the `impl` tells what they are."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import (
    declared_trait,
    declared_type,
    derived,
    fields,
    name_of,
    parameters,
    return_type,
    trait_of,
)
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.signatures import implementations, signature_end
from tars.rust.rules_support.types import COPIED, parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_ASSOCIATED = {
    "Item": r"-> Option<(.+)>$", "Output": r"-> (.+)$", "Target": r"-> &(?:'\w+ )?(?:mut )?(.+)$",
    "Err": r"-> (?:\w+::)*Result<.*, *(.+)>$", "Error": r"-> (?:\w+::)*Result<.*, *(.+)>$", "IntoIter": r"-> (.+)$",
}  # fmt: skip
"""What an associated type is, from the result of the method that the `impl` has."""


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    if impl is None:
        return
    names = re.findall(r"`(\w+)`", site.diagnostic.message.partition("missing:")[2])
    texts: list[str] = []
    confidence = 0.9
    for name in names:
        found = _item(site, impl, name)
        if found is None:
            return
        texts.append(found[0])
        confidence = min(confidence, found[1])
    if texts:
        yield patch(f"implement {', '.join(f'`{name}`' for name in names)}", confidence, _insert(site, impl, texts))


def _insert(site: Site, impl: Node, texts: list[str]) -> Change:
    """Types come first, functions last."""
    body = impl.child_by_field_name("body")
    assert body is not None, "an impl without a body is a syntax error"
    outer = site.file.indent(impl.start_byte)
    indent = outer + "    "
    held = body.named_children
    if b"\n" not in site.file.data[body.start_byte : body.end_byte] and held:
        return site.file.insert(body.start_byte + 1, " " + " ".join(texts))
    first = all(text.startswith("type ") for text in texts) and held
    joined = "\n".join(indent + text.replace("\n", f"\n{indent}") for text in texts)
    if first:
        return site.file.insert(body.start_byte + 1, f"\n{joined}")
    end = held[-1].end_byte if held else body.start_byte + 1
    inside = site.file.data[end : body.end_byte - 1]
    return site.file.insert(end, f"\n{joined}" + ("" if b"\n" in inside else f"\n{outer}"))


def _item(site: Site, impl: Node, name: str) -> tuple[str, float] | None:
    """The missing item's text, and how likely it is meant."""
    file = site.file
    if name == "IntoIter" and (iterator := _iterator(site, impl)) is not None:
        return f"type IntoIter = {iterator};", 0.7
    if name in _ASSOCIATED and (type_ := _associated(site, impl, name)):
        return f"type {name} = {type_};", 0.85
    trait = parse_type(trait_of(file, impl)).head
    own = declared_type(site.context, name_of(file, impl))
    if (held := _spoken_of(site, impl, trait, name)) is not None:
        return f"type {name} = {held};", 0.8
    if (trait, name) == ("Drop", "drop"):
        return "fn drop(&mut self) {}", 0.3
    if own is not None and own[1].type == "struct_item":
        made = _of_fields(site, trait, name, fields(*own), derived(*own))
        if made is not None:
            return made
    declared = declared_trait(site.context, trait)
    if declared is None:
        return None
    for one in declared[0].walk("function_signature_item", within=declared[1]):
        if name_of(declared[0], one) == name:
            signature = declared[0].data[one.start_byte : signature_end(one)].decode().rstrip()
            return _function(site, signature, trait, name, fields(*own) if own else [])
    return None


def _associated(site: Site, impl: Node, name: str) -> str | None:
    for function in site.file.walk("function_item", within=impl):
        signature = site.file.data[function.start_byte : signature_end(function)].decode().strip()
        if found := re.search(_ASSOCIATED[name], signature, re.S):
            text = found[1].strip()
            if name == "Output" and trait_of(site.file, impl).rpartition("::")[2].startswith("Index"):
                text = re.sub(r"^&(?:'\w+ )?(?:mut )?", "", text)
            return _error_of(site, impl) if f"Self::{name}" in text else text
    return None


def _spoken_of(site: Site, impl: Node, trait: str, name: str) -> str | None:
    """An associated type of one of the crate's traits, by a method that speaks of it there and says what it is here."""
    declared = declared_trait(site.context, trait)
    if declared is None:
        return None
    for theirs in declared[0].walk("function_signature_item", within=declared[1]):
        said = declared[0].text(theirs)
        ours = next((one for one in site.file.walk("function_item", within=impl)
                     if name_of(site.file, one) == name_of(declared[0], theirs)), None)  # fmt: skip
        if f"Self::{name}" not in said or ours is None:
            continue
        pairs = zip(_types(declared[0], theirs), _types(site.file, ours), strict=False)
        for pattern, text in pairs:
            wanted = re.escape(pattern).replace(re.escape(f"Self::{name}"), "(.+)", 1)
            found = re.fullmatch(wanted, text) if f"Self::{name}" in pattern else None
            if found and "Self::" not in found[1]:
                return found[1]
    return None


def _types(file: SourceFile, function: Node) -> list[str]:
    """The types of a function's parameters, and of its result, as written."""
    written = [one.child_by_field_name("type") for one in parameters(function)]
    written.append(function.child_by_field_name("return_type"))
    return [file.text(one) if one is not None else "" for one in written]


def _iterator(site: Site, impl: Node) -> str | None:
    """The iterator that `into_iter` gives, where its body asks a list for one."""
    text = site.file.text(impl)
    lifetime = re.match(r"impl\s*<\s*('\w+)", text)
    if ".into_iter()" in text:
        return "std::vec::IntoIter<Self::Item>"
    item = re.search(r"type Item = &(?:'\w+ )?(?:mut )?([^;]+);", text)
    if item is None or lifetime is None:
        return None
    kind = "IterMut" if ".iter_mut()" in text else "Iter"
    return f"std::slice::{kind}<{lifetime[1]}, {item[1]}>" if ".iter" in text else None


def _error_of(site: Site, impl: Node) -> str | None:
    """The error type, by what the body makes errors of."""
    text = site.file.text(impl)
    if named := re.search(r"\b([A-Z]\w*(?:Error|Err|Fault))(?:::|\(| \{)", text):
        return named[1]
    if re.search(r"ok_or(?:_else)?\(|\.to_string\(\)|format!|Err\(\"", text):
        return "String"
    return "std::num::ParseIntError" if ".parse" in text else None


def _of_fields(
    site: Site, trait: str, name: str, parts: list[tuple[str, str]], derives: tuple[str, ...]
) -> tuple[str, float] | None:
    """Members of the standard traits, field by field."""
    tuple_like = bool(parts) and parts[0][0].isdigit()
    if (trait, name) == ("PartialEq", "eq") and parts:
        compared = " && ".join(f"self.{field} == other.{field}" for field, _ in parts)
        return f"fn eq(&self, other: &Self) -> bool {{\n    {compared}\n}}", 0.6
    if (trait, name) in (("Clone", "clone"), ("Default", "default")):
        call = "self.{}.clone()" if trait == "Clone" else "Default::default()"
        values = [
            call.replace("{}", field) if tuple_like else f"{field}: {call.replace('{}', field)}" for field, _ in parts
        ]
        inner = ", ".join(values)
        made = f"Self({inner})" if tuple_like else f"Self {{ {inner} }}" if parts else "Self"
        arguments = "&self" if trait == "Clone" else ""
        return f"fn {name}({arguments}) -> Self {{\n    {made}\n}}", 0.6
    if (trait, name) == ("PartialOrd", "partial_cmp") and "Ord" in derives:
        return "fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {\n    Some(self.cmp(other))\n}", 0.7
    if (trait, name) == ("Display", "fmt") and parts:
        return _shown(parts, derives)
    return None


def _shown(parts: list[tuple[str, str]], derives: tuple[str, ...]) -> tuple[str, float]:
    head = "fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result"
    if len(parts) == 1:
        return f'{head} {{\n    write!(f, "{{}}", self.{parts[0][0]})\n}}', 0.5
    if "Debug" in derives:
        return f'{head} {{\n    write!(f, "{{self:?}}")\n}}', 0.25
    holes = ", ".join("{}" for _ in parts)
    return f'{head} {{\n    write!(f, "({holes})", {", ".join(f"self.{name}" for name, _ in parts)})\n}}', 0.25


def _function(
    site: Site, signature: str, trait: str, name: str, parts: list[tuple[str, str]]
) -> tuple[str, float] | None:
    """A method of one of the crate's traits: a getter, one that does nothing, or what another type has."""
    returns = parse_type(signature.rpartition("->")[2]) if "->" in signature else parse_type("()")
    field = next((type_ for own, type_ in parts if own == name.removeprefix("get_")), None)
    if field is not None and "&self" in signature:
        own = name.removeprefix("get_")
        if returns == parse_type(field):
            value = f"self.{own}" if returns.head in COPIED else f"self.{own}.clone()"
            return f"{signature} {{\n    {value}\n}}", 0.7
        if returns.head == "&":
            return f"{signature} {{\n    &self.{own}\n}}", 0.65
    if returns == parse_type("()"):
        return f"{signature} {{}}", 0.3
    for file, other in implementations(site.context, trait, name):
        body = other.child_by_field_name("body")
        same = return_type(file, other) == returns
        if body is not None and same and not re.search(r"\bself\b", file.text(body)):
            return f"{signature} {file.text(body)}", 0.15
    for own, type_ in parts:
        if parse_type(type_) == returns and len(parts) == 1 and returns.head in COPIED and "&self" in signature:
            return f"{signature} {{\n    self.{own}\n}}", 0.3
    return None


PLUGIN = Mend(
    codes=("E0046",),
    title="implement the items that the trait asks for",
    cites=("docs:error_codes/E0046.html", "docs:book/ch10-02-traits.html"),
    examples=(
        Example(
            """
pub struct Countdown(u32);
impl Iterator for Countdown {
    fn next(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}
""",
            """
pub struct Countdown(u32);
impl Iterator for Countdown {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}
""",
        ),
        Example(
            """
pub trait Named {
    fn name(&self) -> String;
}
pub struct Dog {
    pub name: String,
}
impl Named for Dog {}
""",
            """
pub trait Named {
    fn name(&self) -> String;
}
pub struct Dog {
    pub name: String,
}
impl Named for Dog {
    fn name(&self) -> String {
        self.name.clone()
    }
}
""",
        ),
        Example(
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
impl PartialEq for Point {}
""",
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.x == other.x && self.y == other.y
    }
}
""",
        ),
    ),
    patches=_patches,
)
