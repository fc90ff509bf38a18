"""Method calls: the receiver, its type as the compiler tells it, and what is put between it and the method."""

import re

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.rules_support.mend import Site
from tars.rust.rules_support.types import RustType, parse_type
from tars.rust.values import Change

_FOUND = re.compile(
    r"no (?:method|function or associated item|associated function|associated item|variant or associated item|field)"
    r" named `(\w+)` found for (?:[\w ]+? )?`(.+?)` in the current scope"
)
_EXISTS = re.compile(r"the method `(\w+)` exists for (?:[\w ]+? )?`(.+?)`, but its trait bounds were not satisfied")
_ITERATOR = re.compile(r"`(.+)` is not an iterator")
_EXACT = re.compile(r"(?:not found in|cannot be called on) `(.+?)`")


class MissingMethod(Prefab, frozen=True, slots=False):
    """A method that the type of its receiver does not have; `call` is None where it is named by a path."""

    name: str
    type: RustType
    receiver: Node | None
    call: Node | None


def missing_method(site: Site) -> MissingMethod | None:
    """What an E0599 says is missing, of which type."""
    message = site.diagnostic.message
    found = _FOUND.match(message) or _EXISTS.match(message)
    iterator = _ITERATOR.match(message)
    if found is None and iterator is None:
        return None
    name = found[1] if found else site.text
    type_text = found[2] if found else iterator[1] if iterator else "_"
    exact = next((hit for label in site.labels() if label.primary and (hit := _EXACT.search(label.text))), None)
    access = site.up("field_expression")
    receiver = access.child_by_field_name("value") if access is not None and _ends(access, site) else None
    call = site.up("call_expression") if receiver is not None else None
    return MissingMethod(name, parse_type(exact[1] if exact else type_text), receiver, call)


def _ends(access: Node, site: Site) -> bool:
    """Whether the diagnostic points at the field of the access."""
    field = access.child_by_field_name("field")
    return field is not None and field.start_byte == site.place.start


def between(site: Site, receiver: Node, text: str) -> Change:
    """`text` behind the receiver."""
    return site.file.insert(receiver.end_byte, text)


def declared_value(site: Site, name: str, before: int) -> Node | None:
    """What the nearest variable of that name before this byte is declared with."""
    values = [
        value for let in site.file.walk("let_declaration")
        if (pattern := let.child_by_field_name("pattern")) is not None and site.file.text(pattern) == name
        and let.end_byte <= before and (value := let.child_by_field_name("value")) is not None
    ]  # fmt: skip
    return values[-1] if values else None
