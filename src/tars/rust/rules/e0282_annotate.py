"""Says the type that the compiler cannot infer, where the expression or its use tells which."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.rules_support.types import RustType, parse_type
from tars.rust.values import Change, Example, Patch

_GENERIC = {
    "collect": ("Vec<_>", "String"), "parse": ("i32", "f64"), "into_iter": (), "sum": (), "product": (),
    "sum_of": (), "default": ("i32",),
}  # fmt: skip
_MADE = re.compile(r"\b(Vec|HashMap|HashSet|BTreeMap|BTreeSet|VecDeque|BinaryHeap|Option)\b|\bNone\b")
_WANTED = re.compile(r"cannot satisfy `_: (?:\w+::)*(?:Sum|Product)<&?(\w+)>`")
_INTO = re.compile(r"cannot satisfy `<(\w+) as (?:\w+::)*\w+<_>>::Output == ")


def _patches(site: Site) -> Iterator[Patch]:
    let = site.up("let_declaration")
    parameter = site.node.parent
    if parameter is not None and parameter.type == "closure_parameters":
        yield from _closure_parameter(site, parameter)
        return
    yield from _of_self(site)
    notes = " ".join(note.message for note in site.diagnostic.notes)
    if site.text == "into" and (found := _INTO.search(notes)):
        yield from _into(site, found[1])
    within = let if let is not None else site.file.statement(site.place)
    for call in site.file.walk("field_expression", within=within) if within else ():
        yield from _turbofish(site, call, notes)
    if let is not None and let.child_by_field_name("type") is None:
        yield from _declared(site, let)


def _of_self(site: Site) -> Iterator[Patch]:
    """`size_of()` within an `impl` or trait: of the type itself."""
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call else None
    name = site.file.text(function) if function else ""
    sized = re.search(r"(?:^|::)(size_of|align_of|type_name)$", name) is not None
    if function is not None and sized and site.up("impl_item", "trait_item") is not None:
        yield patch("of the type itself", 0.45, site.file.insert(function.end_byte, "::<Self>"))


def _turbofish(site: Site, access: Node, notes: str) -> Iterator[Patch]:
    field = access.child_by_field_name("field")
    around = access.parent
    name = site.file.text(field) if field else ""
    if field is None or name not in _GENERIC or around is None or around.type != "call_expression":
        return
    summed = _WANTED.search(notes)
    choices = (summed[1],) if summed and name in ("sum", "product") else _GENERIC[name]
    for number, type_ in enumerate(choices):
        sure = (0.7 if name in ("collect", "sum", "product") else 0.4) - 0.3 * number
        yield patch(f"`{name}` into `{type_}`", max(sure, 0.15), site.file.insert(field.end_byte, f"::<{type_}>"))


def _declared(site: Site, let: Node) -> Iterator[Patch]:
    """A variable that holds nothing that tells: any type will do."""
    value, pattern = let.child_by_field_name("value"), let.child_by_field_name("pattern")
    if value is None or pattern is None:
        return
    text = site.file.text(value)
    made = _MADE.search(text)
    if made is None or not re.search(r"::(new|with_capacity)\(|^None$", text):
        return
    kind = made[1] or "Option"
    arguments = "String, i32" if kind.endswith("Map") else "i32"
    yield patch(f"say what the `{kind}` holds", 0.3, site.file.insert(pattern.end_byte, f": {kind}<{arguments}>"))


def _into(site: Site, type_: str) -> Iterator[Patch]:
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call else None
    value = function.child_by_field_name("value") if function else None
    if call is not None and value is not None:
        text = site.file.text(value)
        yield patch(f"say that it becomes `{type_}`", 0.6, site.file.replace(call, f"{type_}::from({text})"))


def _closure_parameter(site: Site, listed: Node) -> Iterator[Patch]:
    """The type of what the closure is called with."""
    let = next((one for one in ancestors(listed) if one.type == "let_declaration"), None)
    pattern = let.child_by_field_name("pattern") if let else None
    around = enclosing_function(listed)
    if pattern is None or around is None:
        return
    index = next((number for number, one in enumerate(children(listed)) if one.id == site.node.id), 0)
    for file, call in calls_of(site.context, site.file.text(pattern)):
        arguments = call.child_by_field_name("arguments")
        given = children(arguments) if arguments else []
        if file.path == site.file.path and index < len(given):
            place = file.place(given[index])
            (known,) = site.context.types([place])
            type_ = _literal_type(given[index]) or (parse_type(known) if known else None)
            if type_ is not None:
                written = str(type_).replace("{integer}", "i32").replace("{float}", "f64")
                yield patch(f"it is called with `{written}`", 0.6, site.file.insert(site.place.end, f": {written}"))
                return
    names = uses(site.file, around, site.text)
    if names == 1:
        yield patch("it is never used", 0.2, Change(site.place, f"_{site.text}: i32"))


def _literal_type(node: Node) -> RustType | None:
    kinds = {"string_literal": "&str", "char_literal": "char", "integer_literal": "i32", "boolean_literal": "bool"}
    return parse_type(kinds[node.type]) if node.type in kinds else None


PLUGIN = Mend(
    codes=("E0282", "E0283", "E0284"),
    title="say the type that cannot be inferred",
    cites=("docs:error_codes/E0282.html", "docs:reference/paths.html#paths-in-expressions"),
    examples=(
        Example(
            """
pub fn count(text: &str) -> usize {
    let words = text.split(' ').map(|word| word.len()).collect();
    words.len()
}
""",
            """
pub fn count(text: &str) -> usize {
    let words = text.split(' ').map(|word| word.len()).collect::<Vec<_>>();
    words.len()
}
""",
        ),
        Example(
            """
pub fn show(all: &[u8]) {
    let sum = all.iter().sum();
    println!("{}", sum);
}
""",
            """
pub fn show(all: &[u8]) {
    let sum = all.iter().sum::<u8>();
    println!("{}", sum);
}
""",
        ),
        Example(
            """
pub fn rest(n: u32, all: u64) -> u64 {
    all % n.into()
}
""",
            """
pub fn rest(n: u32, all: u64) -> u64 {
    all % u64::from(n)
}
""",
        ),
    ),
    patches=_patches,
)
