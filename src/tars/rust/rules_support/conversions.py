"""How an expression of one type is turned into another: the mends that mismatched types have in common."""

from collections.abc import Iterator

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.rules_support.types import (
    ITERATORS,
    RustType,
    fits,
    is_float,
    is_integer,
    is_lossless,
    is_number,
    width,
)
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change

_LOOSE = frozenset(
    {
        "binary_expression", "unary_expression", "reference_expression", "type_cast_expression", "range_expression",
        "closure_expression", "assignment_expression", "compound_assignment_expr", "if_expression", "match_expression",
        "return_expression", "negative_literal", "block",
    }
)  # fmt: skip
"""Expressions that need parentheses before a method call."""
_LOOSE_OPERANDS = frozenset({"binary_expression", "range_expression", "closure_expression", "assignment_expression"})
"""Expressions that need parentheses after a prefix operator or before `as`."""
_WRAPPERS = {
    "Option": "Some", "Result": "Ok", "Box": "Box::new", "Rc": "Rc::new", "Arc": "Arc::new", "Cell": "Cell::new",
    "RefCell": "RefCell::new", "Mutex": "Mutex::new", "RwLock": "RwLock::new",
}  # fmt: skip
_COLLECTIONS = frozenset(
    ["Vec", "VecDeque", "HashSet", "BTreeSet", "HashMap", "BTreeMap", "BinaryHeap", "LinkedList", "String"]
)
_SHOWN = frozenset({"char", "bool", "{integer}", "{float}", "Cow", "ParseIntError", "ParseFloatError"})
_DEPTH_MAX = 3


class Conversion(Prefab, frozen=True, slots=False):
    """`template` holds the expression as `{}`; `reason` says what it does, `confidence` how likely it is meant."""

    template: str
    reason: str
    confidence: float

    @property
    def text_before(self) -> str:
        return self.template.partition("{}")[0]

    def change(self, file: SourceFile, node: Node) -> Change:
        """The change of the expression, in parentheses where it needs them."""
        return file.replace(node, self.applied(file.text(node), node.type))

    def applied(self, text: str, kind: str = "") -> str:
        """The converted expression; `kind` is the node's type."""
        before, _, after = self.template.partition("{}")
        loose = _LOOSE if after.startswith((".", "?")) else _LOOSE_OPERANDS
        bare = before.endswith("(") and not after.startswith((".", "?", " as"))
        if before.endswith("&") and text.startswith("&mut "):
            return f"{before}*{text}{after}"
        return f"{before}({text}){after}" if kind in loose and not bare else f"{before}{text}{after}"


def before_shift(way: Conversion, file: SourceFile, node: Node) -> Change | None:
    """Of `value << 8` the conversion of the value alone: once it was shifted, its upper bits are lost. None for any
    other expression."""
    while node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    operator, left = node.child_by_field_name("operator"), node.child_by_field_name("left")
    if node.type != "binary_expression" or operator is None or operator.type != "<<" or left is None:
        return None
    bare = left.named_children[0] if left.type == "parenthesized_expression" and left.named_children else left
    text = way.applied(file.text(bare), bare.type)
    return file.replace(left, f"({text})" if " as " in way.template else text)


def conversions(found: RustType, wanted: RustType, depth: int = 0) -> Iterator[Conversion]:
    """The ways from one type to another, the likeliest first; nothing where they are the same or none is known."""
    if fits(found, wanted) or depth >= _DEPTH_MAX:
        return
    ways = {way.template: way for way in reversed([*_ways(found, wanted, depth)])}
    yield from sorted(ways.values(), key=lambda way: -way.confidence)


def _ways(found: RustType, wanted: RustType, depth: int) -> Iterator[Conversion]:
    yield from _numbers(found, wanted)
    yield from _letters(found, wanted)
    yield from _texts(found, wanted)
    yield from _truths(found, wanted)
    yield from _wrapped(found, wanted, depth)
    yield from _unwrapped(found, wanted, depth)
    yield from _options(found, wanted, depth)
    yield from _references(found, wanted, depth)
    yield from _collected(found, wanted)


def _numbers(found: RustType, wanted: RustType) -> Iterator[Conversion]:
    if is_number(found) and is_number(wanted) and wanted.head[0] != "{":
        plain = found.head[0] != "{" and is_lossless(found.head, wanted.head)
        if plain:
            yield Conversion(f"{wanted}::from({{}})", f"convert to `{wanted}` without loss", 0.6)
        shrinks = is_float(found) and is_integer(wanted)
        narrower = found.head[0] != "{" and width(found.head) > width(wanted.head)
        yield Conversion(f"{{}} as {wanted}", f"convert to `{wanted}`", 0.45 if shrinks or narrower else 0.55)
    elif wanted.head == "{integer}" and found.peeled.head in ("Vec", "[]", "[;]"):
        yield Conversion("{}.len()", "how many there are", 0.45)
    elif is_number(wanted) and wanted.head[0] != "{":
        if found.head == "bool" and wanted.head not in ("f32", "f64"):
            yield Conversion(f"{wanted}::from({{}})", "count a truth value as 0 or 1", 0.4)
        if found.peeled.head in _COLLECTIONS | {"[]", "[;]", "str"} and wanted.head == "usize":
            yield Conversion("{}.len()", "how many there are", 0.45)
        if found.peeled.head in ("String", "str") and wanted.head[0] != "{":
            yield Conversion(f"{{}}.parse::<{wanted}>().unwrap()", f"read the text as `{wanted}`", 0.35)
            yield Conversion(f"{{}}.parse::<{wanted}>()?", f"read the text as `{wanted}`, and pass its error on", 0.3)


def _letters(found: RustType, wanted: RustType) -> Iterator[Conversion]:
    if wanted.head == "char":
        if found.head == "u8":
            yield Conversion("{} as char", "read the byte as a character", 0.6)
        elif found.head in ("u32", "{integer}"):
            yield Conversion("char::from_u32({}).unwrap()", "the character with that number", 0.35)
        elif is_integer(found):
            yield Conversion("{} as u8 as char", "read the low byte as a character", 0.35)
        elif found.peeled.head in ("String", "str"):
            yield Conversion("{}.chars().next().unwrap()", "take the first character", 0.3)
    elif found.head == "char" and is_integer(wanted):
        yield Conversion(f"{{}} as {wanted}", "take the character's number", 0.4)
        yield Conversion(f"{{}}.to_digit(10).unwrap() as {wanted}", "read the digit", 0.3)


def _texts(found: RustType, wanted: RustType) -> Iterator[Conversion]:
    given = found.peeled
    if wanted.head == "String":
        if given.head in ("str", "String") or given.head in _SHOWN or is_number(given):
            yield Conversion("{}.to_string()", "make a `String` of it", 0.7)
        elif given.head in ("Path", "PathBuf"):
            yield Conversion("{}.display().to_string()", "show the path as text", 0.5)
        elif given.head in ("[]", "Vec", "[;]") and given.inner.head in ("char", "String", "&"):
            joins = given.inner.peeled.head in ("String", "str")
            yield Conversion("{}.concat()" if joins else "{}.iter().collect()", "put the parts together", 0.5)
        elif given.head in ("Vec", "[]") and given.inner.head == "u8":
            yield Conversion(
                "String::from_utf8_lossy({}).into_owned()".replace("{}", "&{}"), "read bytes as text", 0.35
            )
    elif wanted == RustType("&", (RustType("str"),)):
        if found.head in ("String", "Cow"):
            yield Conversion("&{}", "borrow it as `&str`", 0.6)
            yield Conversion("{}.as_str()", "borrow it as `&str`", 0.35)
        elif given.head == "char" or is_number(given):
            yield Conversion("&{}.to_string()", "make a text of it", 0.4)
        elif given.head in ("[]", "Vec") and given.inner.head == "u8":
            yield Conversion("std::str::from_utf8({}).unwrap()", "read bytes as text", 0.35)
    elif wanted.peeled.head == "[]" and wanted.peeled.inner.head == "u8" and given.head in ("str", "String"):
        yield Conversion("{}.as_bytes()", "take the bytes of the text", 0.6)
    elif wanted.head == "Vec" and given.head in ("str", "String") and wanted.inner.head in ("char", "u8"):
        how = "{}.chars().collect()" if wanted.inner.head == "char" else "{}.bytes().collect()"
        yield Conversion(how, "take the text apart", 0.55)


def _truths(found: RustType, wanted: RustType) -> Iterator[Conversion]:
    if wanted.head != "bool":
        return
    given = found.peeled
    if is_number(given):
        yield Conversion("*{} != 0" if found.head == "&" else "{} != 0", "ask whether it is not zero", 0.55)
    elif given.head == "Option":
        yield Conversion("{}.is_some()", "ask whether there is one", 0.6)
    elif given.head == "Result":
        yield Conversion("{}.is_ok()", "ask whether it went well", 0.55)
    elif given.head in ("String", "str", "[]") or given.head in _COLLECTIONS:
        yield Conversion("!{}.is_empty()", "ask whether there is anything in it", 0.5)


def _wrapped(found: RustType, wanted: RustType, depth: int) -> Iterator[Conversion]:
    """Into `Option<T>`, `Box<T>` and the like, also several deep, with a conversion of what goes in."""
    maker = _WRAPPERS.get(wanted.head)
    if maker is None or not wanted.arguments:
        return
    if wanted.head == "Result" and len(wanted.arguments) == 2:
        if fits(found, wanted.arguments[1]) and found.head != "_":
            yield Conversion("Err({})", "return it as the error", 0.5)
        elif found.head != "Result":
            for way in conversions(found, wanted.arguments[1], depth + 1):
                yield Conversion(f"Err({way.template})", f"{way.reason}, as the error", 0.2)
    if found.head == wanted.head:
        return
    inner = wanted.inner
    if fits(found, inner) or (inner.head.startswith("dyn ") and wanted.head in ("Box", "Rc", "Arc")):
        yield Conversion(f"{maker}({{}})", f"put it into `{maker}`", 0.6)
    else:
        for way in conversions(found, inner, depth + 1):
            yield Conversion(f"{maker}({way.template})", f"{way.reason}, in `{maker}`", way.confidence * 0.7)


def _unwrapped(found: RustType, wanted: RustType, depth: int) -> Iterator[Conversion]:
    """Out of `Option<T>` and `Result<T, E>`."""
    if found.head not in ("Option", "Result") or found.head == wanted.head or not found.arguments:
        return
    if wanted.head in ("Option", "Result", "bool", "()"):
        return
    inner = found.inner
    copies = inner.head == "&" and fits(inner.inner, wanted)
    if fits(inner, wanted) or copies:
        taken = ("*" if inner.inner.is_copied else "") if copies else ""
        after = ".clone()" if copies and not taken else ""
        yield Conversion(f"{taken}{{}}?{after}", "take the value, and pass its absence on to the caller", 0.5)
        if wanted.head in ("String", "Vec", "bool") or is_number(wanted):
            middle = (".copied()" if taken else ".cloned()") if copies and found.head == "Option" else ""
            yield Conversion(f"{{}}{middle}.unwrap_or_default()", "take the value, or an empty one", 0.25)
        yield Conversion(f"{taken}{{}}.unwrap(){after}", "take the value, which must be there", 0.4)
    elif depth < 2:
        for way in conversions(inner, wanted, depth + 1):
            if way.template.endswith("{}") or way.template.startswith("{}."):
                taken_way = way.template.replace("{}", "{}.unwrap()")
                yield Conversion(taken_way, f"take the value, and {way.reason}", way.confidence * 0.5)


def _options(found: RustType, wanted: RustType, depth: int) -> Iterator[Conversion]:
    """Between `Option` and `Result`, and between options and results of different contents."""
    heads = (found.peeled.head, wanted.head)
    if heads == ("Result", "Option"):
        if fits(found.peeled.inner, wanted.inner):
            yield Conversion("{}.ok()", "take the value where it went well", 0.6)
    elif heads == ("Option", "Result") and len(wanted.arguments) == 2:
        error = wanted.arguments[1]
        text = {"String": '"no value".to_string()', "&": '"no value"'}.get(error.head)
        if fits(found.inner, wanted.inner) and text:
            yield Conversion(f"{{}}.ok_or({text})", "an absent value is an error", 0.3)
    elif heads == ("Option", "Option") and found.arguments and wanted.arguments:
        yield from _options_inside(found, wanted, depth)
    elif heads == ("Result", "Result") and len(found.arguments) == len(wanted.arguments) == 2:
        (value, error), (value_wanted, error_wanted) = found.arguments, wanted.arguments
        if not fits(value, value_wanted):
            for way in conversions(value, value_wanted, depth + 1):
                yield Conversion(f"{{}}.map(|value| {way.applied('value')})", way.reason, way.confidence * 0.8)
        elif error_wanted.head == "String" and not fits(error, error_wanted):
            yield Conversion("{}.map_err(|error| error.to_string())", "give the error as text", 0.6)
        elif not fits(error, error_wanted):
            yield Conversion("{}.map_err(Into::into)", f"turn the error into `{error_wanted}`", 0.45)


def _options_inside(found: RustType, wanted: RustType, depth: int) -> Iterator[Conversion]:
    have, want = found.inner, wanted.inner
    if have.head == "&" and fits(have.inner, want):
        how = "copied" if have.inner.is_copied else "cloned"
        yield Conversion(f"{{}}.{how}()", "own the value instead of borrowing it", 0.6)
    elif have.head in ("String", "Box") and want.head == "&":
        yield Conversion("{}.as_deref()", "borrow the value", 0.5)
    elif want.head == "&" and fits(have, want.inner):
        yield Conversion("{}.as_ref()", "borrow the value", 0.55)
    elif want.head == "&mut " and fits(have, want.inner):
        yield Conversion("{}.as_mut()", "borrow the value mutably", 0.55)
    else:
        for way in conversions(have, want, depth + 1):
            yield Conversion(f"{{}}.map(|value| {way.applied('value')})", way.reason, way.confidence * 0.8)


def _references(found: RustType, wanted: RustType, depth: int) -> Iterator[Conversion]:
    if wanted.head in ("&", "&mut ") and found.head not in ("&", "&mut ") and depth < 2:
        slices = wanted.inner.head == "[]" and found.head in ("Vec", "[;]") and fits(found.inner, wanted.inner.inner)
        shared = wanted.inner.head.startswith("dyn ")
        boxed = found.head in ("Box", "Rc", "Arc") and fits(found.inner, wanted.inner)
        if fits(found, wanted.inner) or slices or shared or boxed:
            yield Conversion(f"{wanted.head}{{}}", "borrow it", 0.6)
    if found.head in ("&", "&mut "):
        inner = found.inner
        if fits(inner, wanted):
            if inner.is_copied or not inner.known:
                yield Conversion("*{}", "take what it refers to", 0.6)
            else:
                yield Conversion("{}.clone()", "own a copy of it", 0.5)
        elif not wanted.head.startswith("&") and depth < 2:
            for way in conversions(inner, wanted, depth + 1):
                if inner.is_copied and way.template.startswith("{} as "):
                    yield Conversion("*" + way.template, way.reason, way.confidence * 0.9)
                elif inner.head == "&" and way.template.startswith("*"):
                    yield Conversion("*" + way.template, way.reason, way.confidence)
                elif inner.head == "Option" and ".copied()" in way.template:
                    yield way
                elif inner.is_copied and way.template.endswith("::from({})"):
                    yield Conversion(way.template.replace("{}", "*{}"), way.reason, way.confidence * 0.9)


def _collected(found: RustType, wanted: RustType) -> Iterator[Conversion]:
    given = found.peeled
    if wanted.head in _COLLECTIONS:
        if found.head in ITERATORS or found.head.startswith("impl Iterator"):
            yield Conversion("{}.collect()", f"collect it into a `{wanted.head}`", 0.65)
        elif wanted.head == "Vec" and given.head in ("[]", "[;]", "Vec") and fits(given.inner, wanted.inner):
            yield Conversion("{}.to_vec()", "own a copy of the elements", 0.6)
        elif wanted.head == "Vec" and fits(found, wanted.inner):
            yield Conversion("vec![{}]", "make a `Vec` of the one element", 0.3)
        elif given.head in _COLLECTIONS | {"[;]"} and given.head != wanted.head and "String" not in (
            given.head, wanted.head
        ):  # fmt: skip
            yield Conversion("{}.into_iter().collect()", f"collect it into a `{wanted.head}`", 0.45)
        elif wanted.head == given.head == "Vec" and wanted.arguments and given.arguments:
            for way in conversions(given.inner, wanted.inner, 1):
                each = way.applied("one")
                yield Conversion(
                    f"{{}}.into_iter().map(|one| {each}).collect()", f"{way.reason}, each", way.confidence * 0.6
                )
    elif wanted.head == "[;]" and given.head in ("Vec", "[]") and fits(given.inner, wanted.inner):
        yield Conversion("{}.try_into().unwrap()", "make an array of it, which must have that length", 0.35)
