"""Writes the method that an implementation misses as a method like it is written, with its own name in its place.

`fn powf(self, n: Self) -> Self` beside `fn hypot(self, other: Self) -> Self { Self::new(self.0.hypot(other.0)) }`.
"""

import re
from collections.abc import Iterator

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.rules_support.items import declared_trait, items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.signatures import signature_end
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_MISSING = re.compile(r"missing: `(\w+)`$")
_TOLD = re.compile(r"implement the missing item: `(fn .+) \{ todo!\(\) \}`")
_DECLARED = re.compile(r"(?:\w+ )*fn (\w+)(?:<.*?>)?\((.*)\)(?: -> (.+?))?(?: where .*)?$", re.S)
_OFFERED_MAX = 3


class _Shape(Prefab, frozen=True, slots=False):
    """A signature taken apart: the receiver as written, names and types of the other parameters, the result."""

    receiver: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    result: str


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl is not None else None
    missing = _MISSING.search(site.diagnostic.message)
    signature = _signature(site, impl, missing[1]) if impl is not None and missing is not None else ""
    wanted = _shape(signature)
    if impl is None or body is None or missing is None or wanted is None:
        return
    found: list[tuple[int, int, str]] = []
    for number, (file, holder) in enumerate(items(site.context, "impl_item")):
        near = _nearness(site, impl, file, holder)
        inner = holder.child_by_field_name("body")
        for one in inner.named_children if near and inner is not None else ():
            text = _likened(file, one, missing[1], wanted, signature) if one.type == "function_item" else None
            if text is not None:
                found.append((-near, number, text))
    texts = dict.fromkeys(text for *_, text in sorted(found, key=lambda one: one[:2]))
    for number, text in enumerate(texts):
        if number < _OFFERED_MAX:
            yield patch(
                f"do in `{missing[1]}` what its likes do", 0.5 - 0.1 * number, _laid_out(site, impl, body, text)
            )


def _signature(site: Site, impl: Node, name: str) -> str:
    """What the trait declares: as it is written here, else as the compiler tells it, without names."""
    trait = declared_trait(site.context, trait_of(site.file, impl))
    for one in trait[0].walk("function_signature_item", within=trait[1]) if trait is not None else ():
        if trait is not None and name_of(trait[0], one) == name:
            return trait[0].data[one.start_byte : signature_end(one)].decode().strip()
    told = next((found for note in site.diagnostic.notes if (found := _TOLD.search(note.message))), None)
    return told[1] if told is not None else ""


def _shape(signature: str) -> _Shape | None:
    found = _DECLARED.match(" ".join(signature.split()))
    if found is None:
        return None
    receiver, names, types = "", [], []
    for one in _listed(found[2]):
        name, colon, type_ = one.partition(":")
        if not colon:
            receiver = one
        else:
            names.append(name.removeprefix("mut ").strip())
            types.append(type_.strip())
    return _Shape(receiver.removeprefix("mut "), tuple(names), tuple(types), found[3] or "()")


def _listed(text: str) -> list[str]:
    """The parameters of a text, at the commas that stand in no brackets."""
    parts, depth, start = [], 0, 0
    for at, mark in enumerate(text):
        depth += (mark in "([<") - (mark in ")]" or (mark == ">" and text[at - 1 : at] != "-"))
        if mark == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [one.strip() for one in (*parts, text[start:]) if one.strip()]


def _nearness(site: Site, impl: Node, file: SourceFile, other: Node) -> int:
    """How much an implementation tells of this one: it is the same, one of the same type, or of the same trait."""
    if file.path == site.file.path and other == impl:
        return 3
    if not trait_of(file, other):
        return 0
    same = name_of(file, other) == name_of(site.file, impl)
    return 2 if same else int(parse_type(trait_of(file, other)).head == parse_type(trait_of(site.file, impl)).head)


def _likened(file: SourceFile, function: Node, name: str, wanted: _Shape, signature: str) -> str | None:
    """The missing method, with the body of one that is like it; None where it is not, or says nothing by its name."""
    own, body = name_of(file, function), function.child_by_field_name("body")
    shape = _shape(file.data[function.start_byte : signature_end(function)].decode().strip())
    # What is said there of it need not hold here.
    text = re.sub(r"\n\s*//[^\n]*", "", file.text(body)) if body is not None else ""
    named = re.compile(rf"(?<=[.:]){re.escape(own)}(?=\()")
    if shape is None or own == name or not named.search(text) or len(text) > 400:
        return None
    if (shape.receiver, shape.result) != (wanted.receiver, wanted.result) or len(wanted.types) > len(shape.types):
        return None
    if shape.types[: len(wanted.types)] != wanted.types:
        return None
    for surplus in shape.names[len(wanted.types) :]:
        # What is handed on and no longer there goes with its comma.
        text = re.sub(rf"(?:,\s*)?&?\b{surplus}\b(?:\.\d+)?(?=\))", "", text)
        if re.search(rf"\b{surplus}\b", text):
            return None
    head = file.data[function.start_byte : signature_end(function)].decode()
    if len(wanted.types) == len(shape.types):
        head = re.sub(rf"\bfn {own}\b", f"fn {name}", head, count=1)
    elif "_" in wanted.names:
        return None
    else:
        head = f"{signature} "
    return head + named.sub(name, text).replace(f"\n{file.indent(function.start_byte)}", "\n")


def _laid_out(site: Site, impl: Node, body: Node, text: str) -> Change:
    """The method as the last one of the implementation."""
    outer = site.file.indent(impl.start_byte)
    inner = f"{outer}    "
    written = inner + text.replace("\n", f"\n{inner}")
    start = site.file.line_start(body.end_byte - 1)
    alone = not site.file.data[start : body.end_byte - 1].strip()
    return site.file.insert(start if alone else body.end_byte - 1, f"{written}\n" if alone else f"\n{written}\n{outer}")


PLUGIN = Mend(
    codes=("E0046",),
    title="implement a method as those like it are implemented",
    cites=("docs:error_codes/E0046.html", "docs:reference/items/implementations.html#trait-implementations"),
    examples=(
        Example(
            """
pub trait Real: Sized {
    fn hypotenuse(self, other: Self) -> Self;
    fn power(self, n: Self) -> Self;
    fn root(self) -> Self;
}
impl Real for f64 {
    fn hypotenuse(self, other: Self) -> Self {
        self.hypot(other)
    }
    fn power(self, n: Self) -> Self {
        self.powf(n)
    }
    fn root(self) -> Self {
        self.sqrt()
    }
}
pub struct Finite(f64);
impl Finite {
    fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Finite(value))
    }
}
impl Real for Finite {
    fn hypotenuse(self, other: Self) -> Self {
        Finite::new(Real::hypotenuse(self.0, other.0)).expect("a number")
    }
    fn root(self) -> Self {
        Finite(Real::root(self.0))
    }
}
""",
            """
pub trait Real: Sized {
    fn hypotenuse(self, other: Self) -> Self;
    fn power(self, n: Self) -> Self;
    fn root(self) -> Self;
}
impl Real for f64 {
    fn hypotenuse(self, other: Self) -> Self {
        self.hypot(other)
    }
    fn power(self, n: Self) -> Self {
        self.powf(n)
    }
    fn root(self) -> Self {
        self.sqrt()
    }
}
pub struct Finite(f64);
impl Finite {
    fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Finite(value))
    }
}
impl Real for Finite {
    fn hypotenuse(self, other: Self) -> Self {
        Finite::new(Real::hypotenuse(self.0, other.0)).expect("a number")
    }
    fn root(self) -> Self {
        Finite(Real::root(self.0))
    }
    fn power(self, other: Self) -> Self {
        Finite::new(Real::power(self.0, other.0)).expect("a number")
    }
}
""",
        ),
        Example(
            """
use std::num::Wrapping;
pub trait Negated {
    fn negated(&self) -> Self;
}
pub trait Shifted {
    fn shifted(&self, by: u32) -> Self;
}
impl Negated for u8 {
    fn negated(&self) -> Self {
        !self
    }
}
impl Shifted for u8 {
    fn shifted(&self, by: u32) -> Self {
        self << by
    }
}
impl<T: Shifted> Shifted for Wrapping<T> {
    fn shifted(&self, by: u32) -> Self {
        Wrapping(self.0.shifted(by))
    }
}
impl<T: Negated> Negated for Wrapping<T> {
}
""",
            """
use std::num::Wrapping;
pub trait Negated {
    fn negated(&self) -> Self;
}
pub trait Shifted {
    fn shifted(&self, by: u32) -> Self;
}
impl Negated for u8 {
    fn negated(&self) -> Self {
        !self
    }
}
impl Shifted for u8 {
    fn shifted(&self, by: u32) -> Self {
        self << by
    }
}
impl<T: Shifted> Shifted for Wrapping<T> {
    fn shifted(&self, by: u32) -> Self {
        Wrapping(self.0.shifted(by))
    }
}
impl<T: Negated> Negated for Wrapping<T> {
    fn negated(&self) -> Self {
        Wrapping(self.0.negated())
    }
}
""",
        ),
    ),
    patches=_patches,
)
