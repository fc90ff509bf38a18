"""Puts a call back that a chain needs: of the methods without arguments that the value has, those that are used here.

What other rules know better they say with more confidence: this is for what is left.
"""

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.mending.rule import Method
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.spots import spots
from tars.rust.rules_support.types import RustType, fits, is_number, mismatch, parse_type
from tars.rust.values import Example, Patch

_ALONE = re.compile(r"\bfn \w+(?:<[^(]*>)?\((?:&(?:'\w+ )?)?(?:mut )?self(?:: [^,)]+)?,?\)")
_CALLED = re.compile(rb"\.(\w+)\(\)")
_COMMON = {
    "iter": 6, "iter_mut": 5, "len": 6, "unwrap": 5, "as_ref": 4, "as_mut": 3, "next": 3, "chars": 4, "bytes": 3,
    "as_bytes": 3, "as_str": 3, "into": 3, "into_iter": 3, "collect": 3, "clone": 3, "to_string": 2, "ok": 2, "take": 2,
    "enumerate": 2, "rev": 2, "borrow": 2, "borrow_mut": 2, "lock": 2, "as_slice": 2, "to_owned": 1,
    "copied": 4, "cloned": 3, "unwrap_or_default": 1, "as_deref": 1, "to_lowercase": 1, "sum": 1,
}  # fmt: skip
_SPOTS_MAX = 5
_OF_EACH = 5
_ALL_MAX = 12


def _patches(site: Site) -> Iterator[Patch]:
    places = [node for node in spots(site) if not node.type.endswith("_literal")][:_SPOTS_MAX]
    known = site.context.types([site.file.place(node) for node in places])
    types = mismatch(site.diagnostic)
    used = _used(site)
    found: list[tuple[float, str, Node]] = []
    for number, (node, text) in enumerate(zip(places, known, strict=True)):
        if text is None or node.type in ("binary_expression", "unary_expression", "assignment_expression"):
            continue
        wanted = types.wanted if types is not None and site.file.place(node) == site.place else None
        wanted = wanted or _beside(site, node, dict(zip([one.id for one in places], known, strict=True)))
        ranked = sorted(_fitting(site, text, wanted, used), key=lambda one: (-one[0], one[1]))[:_OF_EACH]
        ranked.sort(key=lambda one: one[1] != _called_beside(site, node))
        for rank, (fitness, name) in enumerate(ranked):
            sure = 0.3 if fitness > 1000 and rank == 0 else 0.18
            found.append((sure - 0.015 * rank - 0.02 * number, name, node))
    for sure, name, node in sorted(found, key=lambda one: -one[0])[:_ALL_MAX]:
        change = site.file.insert(node.end_byte, f".{name}()")
        yield patch(f"call `{name}`", max(sure, 0.05), change)


def _beside(site: Site, node: Node, known: dict[int, str | None]) -> RustType | None:
    """The type of the other operand, where the node is one of two."""
    around = node.parent
    if around is None or around.type != "binary_expression":
        return None
    for side in ("left", "right"):
        other = around.child_by_field_name(side)
        text = known.get(other.id) if other is not None and other.id != node.id else None
        if text is not None:
            return parse_type(text)
        if other is not None and other.id != node.id and other.type == "integer_literal":
            return parse_type("{integer}")
    return None


def _called_beside(site: Site, node: Node) -> str:
    """What is called on the other operand, where the node is one of two: `self.len() <= other` misses `len` too."""
    around = node.parent
    left = around.child_by_field_name("left") if around is not None and around.type == "binary_expression" else None
    right = around.child_by_field_name("right") if around is not None and left is not None else None
    other = right if left is not None and left.id == node.id else left
    function = other.child_by_field_name("function") if other is not None else None
    field = function.child_by_field_name("field") if function is not None else None
    return site.file.text(field) if field is not None else ""


def _used(site: Site) -> Counter[str]:
    """How often methods are called without arguments in this crate."""
    found: Counter[str] = Counter()
    for file in site.context.files.values():
        found.update(name.decode() for name in _CALLED.findall(file.data))
    return found


def _fitting(site: Site, text: str, wanted: RustType | None, used: Counter[str]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    if wanted is not None and wanted.head in ("usize", "{integer}") and not is_number(parse_type(text).peeled):
        # Which `Iter` a name means is not always known, and nearly all that is counted has a length.
        seen.add("len")
        yield 2001, "len"
    for one in site.context.symbols.methods_of(text):
        likely = min(used[one.name], 40) + 5 * _COMMON.get(one.name, 0)
        if one.name in seen or not likely or not _ALONE.search(one.signature):
            continue
        seen.add(one.name)
        yield likely + (2000 if wanted is not None and _gives(one, wanted) else 0), one.name


def _gives(one: Method, wanted: RustType) -> bool:
    returned = parse_type(one.returns)
    return wanted.known and returned.known and fits(returned, wanted)


PLUGIN = Mend(
    codes=("E0308", "E0271", "E0277", "E0369", "E0599", "E0614"),
    title="put a call back that a chain needs",
    cites=("docs:reference/expressions/method-call-expr.html", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            """
pub fn is_date(text: &[u8]) -> bool {
    text == 24
}
""",
            """
pub fn is_date(text: &[u8]) -> bool {
    text.len() == 24
}
""",
        ),
        Example(
            """
pub struct Four([u32; 4]);
impl Four {
    pub fn scale(&mut self, by: u32) {
        for one in self.0 {
            *one *= by;
        }
    }
}
""",
            """
pub struct Four([u32; 4]);
impl Four {
    pub fn scale(&mut self, by: u32) {
        for one in self.0.iter_mut() {
            *one *= by;
        }
    }
}
""",
        ),
        Example(
            """
pub struct Set(Vec<u8>);
impl Set {
    pub fn size(&self) -> usize {
        self.0.len()
    }
    pub fn larger(&self, other: &Set) -> bool {
        self.size() > other
    }
}
""",
            """
pub struct Set(Vec<u8>);
impl Set {
    pub fn size(&self) -> usize {
        self.0.len()
    }
    pub fn larger(&self, other: &Set) -> bool {
        self.size() > other.size()
    }
}
""",
        ),
        Example(
            """
pub fn longer(one: &[u8], two: &[u8]) -> usize {
    one + two.len()
}
""",
            """
pub fn longer(one: &[u8], two: &[u8]) -> usize {
    one.len() + two.len()
}
""",
        ),
        Example(
            """
pub fn last_of(all: &[u8]) -> Option<u8> {
    all.copied().last()
}
""",
            """
pub fn last_of(all: &[u8]) -> Option<u8> {
    all.iter().copied().last()
}
""",
        ),
        Example(
            """
fn sum(all: impl Iterator<Item = u8>) -> u8 {
    all.sum()
}
pub fn total(all: &[u8]) -> u8 {
    sum(all.iter())
}
""",
            """
fn sum(all: impl Iterator<Item = u8>) -> u8 {
    all.sum()
}
pub fn total(all: &[u8]) -> u8 {
    sum(all.iter().copied())
}
""",
        ),
    ),
    patches=_patches,
)
