"""Mends moving out of what is only lent: it is borrowed mutably, taken out and replaced by a default, or cloned."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import is_copy, place_of
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.statements import uses
from tars.rust.values import Example, Patch

_EMPTY = ("Option<", "Vec<", "String", "HashMap<", "HashSet<", "BTreeMap<", "VecDeque<", "BTreeSet<")


def _patches(site: Site) -> Iterator[Patch]:
    node = site.node
    message = site.diagnostic.message
    if "captured variable" in message:
        yield patch("move a clone", 0.6, site.file.insert(site.place.end, ".clone()"))
        return
    yield from _as_reference(site)
    if "behind a mutable reference" in message or "mutable reference" in message:
        yield from _taken(site, node)
    yield from _by_value(site, node)
    if node.type in ("field_expression", "index_expression", "identifier", "self", "unary_expression"):
        yield from _lent(site, node)


def _as_reference(site: Site) -> Iterator[Patch]:
    """What the compiler only hints at beside the value: a method that borrows what it holds."""
    hint = site.label("calling `.as_ref()` or `.as_mut()`")
    if hint is not None and hint.place.path == site.file.path:
        shared = "mutable reference" not in site.diagnostic.message
        yield patch("borrow what it holds", 0.8 if shared else 0.6, site.file.insert(hint.place.end, ".as_ref()"))
        yield patch("borrow what it holds", 0.3 if shared else 0.62, site.file.insert(hint.place.end, ".as_mut()"))


def _taken(site: Site, node: Node) -> Iterator[Patch]:
    file = site.file
    text = file.text(node)
    looked_into = _is_scrutinee(node) and not _is_consumed(site)
    if _is_scrutinee(node):
        yield patch("borrow mutably", 0.93 if looked_into else 0.4, file.insert(node.start_byte, "&mut "))
    type_ = site.context.types([place_of(file, node)])[0] or ""
    if type_.startswith("Option<"):
        sure = 0.1 if looked_into else 0.72
        yield patch("take the value out, and leave `None`", sure, file.insert(node.end_byte, ".take()"))
    elif type_.startswith(_EMPTY):
        yield patch("take it out, and leave an empty one", 0.6, file.replace(node, f"std::mem::take(&mut {text})"))


def _is_consumed(site: Site) -> bool:
    """Whether what a pattern binds is handed on, or taken apart, and not only called or looked at."""
    bound = [label.place for label in site.diagnostic.labels if "data moved here" in label.text]
    arm = site.file.node_of(bound[0], "match_arm", "if_expression", "while_expression") if bound else None
    if arm is None:
        return True
    for use in uses(site.file, arm, site.file.text(bound[0])):
        if use.start_byte == bound[0].start:
            continue
        parent = use.parent
        if parent is None or parent.type != "field_expression":
            return True
        whole = parent.parent
        called = whole is not None and whole.type == "call_expression"
        kept = whole is not None and whole.type in (
            "assignment_expression",
            "arguments",
            "let_declaration",
            "return_expression",
        )
        if kept and not called:
            return True
    return False


def _by_value(site: Site, node: Node) -> Iterator[Patch]:
    """A method that gives away fields of `self` and belongs to no trait takes `self` itself; a loop over loans whose
    elements are taken apart goes over the elements."""
    file, text = site.file, site.file.text(node)
    function = enclosing_function(node)
    owner = function.parent.parent if function is not None and function.parent is not None else None
    if text.startswith("self.") and function is not None and owner is not None and owner.type == "impl_item":
        own = next(iter(file.walk("self_parameter", within=function)), None)
        shared = own is not None and file.text(own) == "&self"
        if own is not None and shared and owner.child_by_field_name("trait") is None:
            generic = any("constraining this type parameter" in label.text for label in site.labels())
            yield patch("take `self` itself", 0.74 if generic else 0.4, file.replace(own, "self"))
    loop = site.up("for_expression")
    pattern, walked = (
        (loop.child_by_field_name(one) for one in ("pattern", "value")) if loop is not None else (None, None)
    )
    if pattern is None or walked is None or file.text(pattern) != text.partition(".")[0]:
        return
    inner = walked.child_by_field_name("value") if walked.type == "reference_expression" else None
    if inner is not None and "&mut" in file.text(walked):
        yield patch("take the elements out", 0.6, file.replace(walked, f"{file.text(inner)}.drain(..)"))
    elif inner is not None:
        yield patch("go over the elements themselves", 0.4, file.replace(walked, file.text(inner)))


def _is_scrutinee(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type not in ("match_expression", "let_condition", "let_declaration"):
        return False
    value = parent.child_by_field_name("value")
    return value is not None and value.id == node.id


def _lent(site: Site, node: Node) -> Iterator[Patch]:
    """A function that gives out what it was lent: it gives out a loan."""
    function = enclosing_function(node)
    returned = function.child_by_field_name("return_type") if function is not None else None
    body = function.child_by_field_name("body") if function is not None else None
    if returned is None or body is None or not _is_last(body, node) or node.type == "unary_expression":
        return
    type_ = site.file.text(returned)
    if type_.startswith("&") or is_copy(type_):
        return
    lend = _view(type_)
    changes = (site.file.replace(returned, lend), site.file.insert(node.start_byte, "&"))
    yield patch("return a loan", 0.5, *changes)


def _view(type_: str) -> str:
    """The loan of a type as it is usually written."""
    if type_ == "String":
        return "&str"
    if type_.startswith("Vec<") and type_.endswith(">"):
        return f"&[{type_[4:-1]}]"
    return f"&{type_}"


def _is_last(body: Node, node: Node) -> bool:
    last = body.named_children[-1] if body.named_children else None
    return last is not None and last.id == node.id


PLUGIN = Mend(
    codes=("E0507",),
    title="borrow, take or clone what is only lent",
    cites=("docs:error_codes/E0507.html", "docs:std/option/enum.Option.html#method.take"),
    examples=(
        Example(
            "pub struct List(Option<Box<List>>);\n\nimpl List {\n    pub fn pop(&mut self) -> Option<Box<List>> {\n"
            "        match self.0 {\n            None => None,\n            Some(rest) => Some(rest),\n"
            "        }\n    }\n}\n",
            "pub struct List(Option<Box<List>>);\n\nimpl List {\n    pub fn pop(&mut self) -> Option<Box<List>> {\n"
            "        match self.0.take() {\n            None => None,\n            Some(rest) => Some(rest),\n"
            "        }\n    }\n}\n",
        ),
        Example(
            "pub struct One;\n\npub fn get(all: &Vec<One>, i: usize) -> One {\n    all[i]\n}\n",
            "pub struct One;\n\npub fn get(all: &Vec<One>, i: usize) -> &One {\n    &all[i]\n}\n",
        ),
        Example(
            "pub fn call(mut f: impl FnMut() -> String) -> String {\n    f() + &f()\n}\n\n"
            "pub fn twice(text: String) -> String {\n    call(move || text)\n}\n",
            "pub fn call(mut f: impl FnMut() -> String) -> String {\n    f() + &f()\n}\n\n"
            "pub fn twice(text: String) -> String {\n    call(move || text.clone())\n}\n",
        ),
    ),
    patches=_patches,
)
