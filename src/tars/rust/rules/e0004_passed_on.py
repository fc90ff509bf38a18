"""Does in a missing arm what the method itself is for: asks what the variant holds, or gives what else it was handed.

`Some(one) => one.size()` in a method `size`, and `Unbounded => length` where nothing else uses the parameter `length`.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.patterns import add_arm, arms, pattern_of
from tars.rust.rules_support.signatures import uses
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"`&*(?:mut )?((?:\w+::)*)([A-Z]\w*)(\(_\)| \{ \.\. \})?` not covered")
_SHORT = {"Some": "", "None": "", "Ok": "", "Err": ""}
_CALLED = re.compile(r"\b(?:fn|Fn|FnMut|FnOnce)\s*\(")


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    missing = _MISSING.search(site.diagnostic.message)
    function = enclosing_function(match) if match is not None else None
    if match is None or missing is None or function is None:
        return
    given = [one for one in parameters(function) if one.type == "parameter"]
    names = [_name(site, one) for one in given]
    free = [one for one in names if one and uses(site.file, function, one) == 1]
    path = _path(site, match, missing[1], missing[2])
    if missing[3] is None:
        if len(free) == 1 and (change := add_arm(site.file, match, path, free[0])):
            yield patch(f"give `{free[0]}`, which nothing else uses", 0.6, change)
        return
    if missing[3] == "(_)":
        yield from _asked(site, match, function, path, names)
    if names and all(names):
        yield from _called(site, match, path, missing[2], names)


def _asked(site: Site, match: Node, function: Node, path: str, names: list[str]) -> Iterator[Patch]:
    """What the variant holds is asked what the method is asked: that is what methods of enums mostly do."""
    own = [one for one in parameters(function) if one.type == "self_parameter"]
    method = name_of(site.file, function)
    if not own or not all(names):
        return
    held = next(
        (found[1] for one in arms(match) if (found := re.search(r"\((\w+)\)$", pattern_of(site.file, one)))), ""
    )
    bound = held if re.fullmatch(r"[a-z]\w*", held) and held not in names else "inner"
    alike = any(f".{method}(" in site.file.text(one) for one in arms(match))
    change = add_arm(site.file, match, f"{path}({bound})", f"{bound}.{method}({', '.join(names)})")
    if change is not None:
        yield patch(f"ask what it holds for `{method}` too", 0.55 if alike else 0.35, change)


def _called(site: Site, match: Node, path: str, variant: str, names: list[str]) -> Iterator[Patch]:
    """What the variant holds is a function, which is called with what the method is given."""
    for file, enum in items(site.context, "enum_item"):
        for one in file.walk("enum_variant", within=enum):
            body = one.child_by_field_name("body")
            held = children(body) if body is not None else []
            if name_of(file, one) != variant or len(held) != 1:
                continue
            field = held[0]
            name, type_ = field.child_by_field_name("name"), field.child_by_field_name("type") or field
            if not _is_called(site, file.text(type_)):
                continue
            bound = file.text(name) if name is not None else "call"
            pattern = f"{path} {{ {bound} }}" if name is not None else f"{path}({bound})"
            change = add_arm(site.file, match, pattern, f"{bound}({', '.join(names)})")
            if change is not None:
                yield patch(f"call what `{variant}` holds", 0.6, change)


def _is_called(site: Site, type_: str) -> bool:
    """Whether a type as written is a function's, or the crate's name for one."""
    named = set(re.findall(r"\w+", type_))
    aliases = (file.text(one) for file, one in items(site.context, "type_item") if name_of(file, one) in named)
    return any(_CALLED.search(text) for text in (type_, *aliases))


def _name(site: Site, parameter: Node) -> str:
    pattern = parameter.child_by_field_name("pattern")
    text = site.file.text(pattern).removeprefix("mut ").strip() if pattern is not None else ""
    return text if re.fullmatch(r"[a-z]\w*", text) else ""


def _path(site: Site, match: Node, said: str, variant: str) -> str:
    """The variant as the other arms would write it."""
    if variant in _SHORT:
        return variant
    for arm in arms(match):
        if found := re.match(r"&?(?:mut )?((?:\w+::)*)[A-Z]\w*", pattern_of(site.file, arm)):
            return found[1] + variant
    inside = any(one.type == "impl_item" for one in ancestors(match))
    return ("Self::" if inside and not said else said) + variant


PLUGIN = Mend(
    codes=("E0004",),
    title="ask what a variant holds for what is asked, or give what else there is",
    cites=("docs:error_codes/E0004.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            """
pub trait Wide: Sized {
    fn narrow(&self) -> Option<i64>;
    fn unsigned(&self) -> Option<u64>;
    fn float(&self) -> Option<f64> {
        match self.narrow() {
            None => self.unsigned().and_then(|one| one.float()),
        }
    }
}
impl Wide for u64 {
    fn narrow(&self) -> Option<i64> {
        None
    }
    fn unsigned(&self) -> Option<u64> {
        Some(*self)
    }
    fn float(&self) -> Option<f64> {
        Some(*self as f64)
    }
}
impl Wide for i64 {
    fn narrow(&self) -> Option<i64> {
        Some(*self)
    }
    fn unsigned(&self) -> Option<u64> {
        None
    }
    fn float(&self) -> Option<f64> {
        Some(*self as f64)
    }
}
""",
            """
pub trait Wide: Sized {
    fn narrow(&self) -> Option<i64>;
    fn unsigned(&self) -> Option<u64>;
    fn float(&self) -> Option<f64> {
        match self.narrow() {
            None => self.unsigned().and_then(|one| one.float()),
            Some(inner) => inner.float(),
        }
    }
}
impl Wide for u64 {
    fn narrow(&self) -> Option<i64> {
        None
    }
    fn unsigned(&self) -> Option<u64> {
        Some(*self)
    }
    fn float(&self) -> Option<f64> {
        Some(*self as f64)
    }
}
impl Wide for i64 {
    fn narrow(&self) -> Option<i64> {
        Some(*self)
    }
    fn unsigned(&self) -> Option<u64> {
        None
    }
    fn float(&self) -> Option<f64> {
        Some(*self as f64)
    }
}
""",
        ),
        Example(
            """
use std::ops::Bound;
pub fn end(bound: Bound<usize>, length: usize) -> usize {
    match bound {
        Bound::Excluded(value) => value,
        Bound::Included(value) => value + 1,
    }
}
""",
            """
use std::ops::Bound;
pub fn end(bound: Bound<usize>, length: usize) -> usize {
    match bound {
        Bound::Excluded(value) => value,
        Bound::Included(value) => value + 1,
        Bound::Unbounded => length,
    }
}
""",
        ),
        Example(
            """
type Writer = dyn FnMut(usize, &mut String) -> bool;
pub enum Format<'a> {
    Plain(&'a str),
    Custom { writer: &'a mut Writer },
}
impl Format<'_> {
    pub fn write(&mut self, line: usize, to: &mut String) -> bool {
        match self {
            Format::Plain(text) => {
                to.push_str(text);
                true
            }
        }
    }
}
""",
            """
type Writer = dyn FnMut(usize, &mut String) -> bool;
pub enum Format<'a> {
    Plain(&'a str),
    Custom { writer: &'a mut Writer },
}
impl Format<'_> {
    pub fn write(&mut self, line: usize, to: &mut String) -> bool {
        match self {
            Format::Plain(text) => {
                to.push_str(text);
                true
            }
            Format::Custom { writer } => writer(line, to),
        }
    }
}
""",
        ),
    ),
    patches=_patches,
)
