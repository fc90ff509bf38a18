"""Adds the parameter that a function uses and does not take, of the type that its use asks for."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.expected import callers, expected_type, parameters_in
from tars.rust.rules_support.items import calls_of, name_of, parameters, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.paths import qualified
from tars.rust.rules_support.types import parse_type
from tars.rust.rules_support.unknown import same_missing, unknown_at
from tars.rust.values import Change, Example, Patch, Place

_ASKED_MAX = 4
_OPEN = {"{integer}": "i32", "{float}": "f64", "&'static str": "&str"}


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    function = enclosing_function(site.node)
    if missing is None or function is None or missing.is_type or not missing.here:
        return
    if missing.is_call and not _unused_generics(site, function, called=True):
        return
    if not re.fullmatch(r"[a-z_]\w*", missing.name) or name_of(site.file, function) == "main":
        return
    impl = next((one for one in ancestors(function) if one.type == "impl_item"), None)
    if impl is not None and trait_of(site.file, impl):
        yield from _as_declared(site, function, impl, missing.name)
        return
    own = [one for one in parameters(function) if one.type != "self_parameter"]
    calls = callers(site, function)
    exact = [given for given in calls if len(given) == len(own) + 1]
    positions = _positions(exact, missing.name, len(own))
    sure = 0.66 if exact else 0.4 if not calls else 0.12
    for rank, kind in enumerate(_kinds(site, function, missing.name, exact, positions[0])):
        for number, index in enumerate(positions):
            change = _inserted(site, function, index, f"{missing.name}: {kind}")
            if change is not None:
                less = 0.12 * min(number, 2) + 0.1 * rank
                yield patch(f"take `{missing.name}: {kind}`", max(sure - less, 0.05), change)


def _as_declared(site: Site, function: Node, impl: Node, name: str) -> Iterator[Patch]:
    """In an `impl` of a trait the trait says what a function takes."""
    symbols, trait = site.context.symbols, trait_of(site.file, impl)
    known = (*symbols.functions_of(trait), *symbols.methods_of(trait))
    declared = next((one for one in known if one.name == name_of(site.file, function)), None)
    taken = parameters_in(declared.signature) if declared is not None else []
    own = parameters(function)
    if len(taken) != len(own) + 1 or not taken:
        return
    index = next((at for at, text in enumerate(taken) if text.partition(":")[0].strip() == name), len(taken) - 1)
    kind = _filled(site, impl, declared.signature if declared is not None else "", taken[index])
    path = next(iter(symbols.paths_of(re.sub(r"<.*", "", trait).rpartition("::")[2], site.place)), "")
    kind = qualified(site.context, kind, site.place, path.rpartition("::")[0])
    count = index - (1 if own and own[0].type == "self_parameter" else 0)
    change = _inserted(site, function, count, f"{name}: {kind}") if kind else None
    if change is not None:
        yield patch(f"take `{name}: {kind}`, as the trait has it", 0.74, change)


def _filled(site: Site, impl: Node, signature: str, parameter: str) -> str:
    """The type of a parameter as a trait declares it, with what the `impl` gives the trait: of `From<&'static str>`
    the `T` is that text. What a method declares itself stays."""
    of = impl.child_by_field_name("trait")
    listed = of.child_by_field_name("type_arguments") if of is not None else None
    given = [site.file.text(one) for one in children(listed)] if listed is not None else []
    own = re.match(r"[^(]*\bfn \w+<([^(]*)>\(", signature)
    kind = parameter.partition(":")[2].strip()
    if own is None or not re.search(r"\bT\b", own[1]):
        kind = re.sub(r"\bT\b", lambda _: given[0], kind) if len(given) == 1 else kind
    return re.sub(r"\bRhs\b", lambda _: given[0] if given else "Self", kind)


def _kinds(site: Site, function: Node, name: str, exact: list[list[str]], index: int) -> list[str]:
    """Types that the parameter may have: what its uses ask for, what calls hand over, what it is asked to do."""
    places = same_missing(site, name)
    called = any(kind in site.diagnostic.message for kind in ("function", "method"))
    found = _unused_generics(site, function, called)
    found += [kind for place in places if (kind := expected_type(site, place))]
    found += filter(None, [_surplus(site, function)])
    found += [kind for given in exact if index < len(given) and (kind := _given_type(given[index]))]
    found = [_OPEN.get(kind, kind) for kind in found] or _told(site, function, index)
    found = found or [*_by_methods(site, places), *_beside(site, function)]
    listed = function.child_by_field_name("type_parameters")
    lifetimes = [site.file.text(one) for one in children(listed, "lifetime_parameter")] if listed is not None else []
    if len(lifetimes) == 1:
        lent = [f"&{lifetimes[0]} {kind[1:].lstrip()}" for kind in found if re.match(r"&(?!')", kind)]
        found = [*lent, *found]
    return [kind for kind in dict.fromkeys(found) if "{" not in kind and kind not in ("Self", "_")][:3]


def _told(site: Site, function: Node, index: int) -> list[str]:
    """The types of what calls hand over there, as the compiler tells them."""
    values: list[Place] = []
    own = [one for one in parameters(function) if one.type != "self_parameter"]
    for file, call in calls_of(site.context, name_of(site.file, function)):
        listed = call.child_by_field_name("arguments")
        given = children(listed) if listed is not None else []
        if len(given) == len(own) + 1 and index < len(given):
            values.append(file.place(given[index]))
    told = site.context.types(values[:_ASKED_MAX]) if values else ()
    known = [str(type_) for text in told if text is not None and (type_ := parse_type(text)).known]
    return [qualified(site.context, _OPEN.get(one, one), site.place) for one in dict.fromkeys(known)]


def _unused_generics(site: Site, function: Node, called: bool) -> list[str]:
    """Generic parameters of the function that nothing in its parameters has; for a call, those that can be called."""
    listed = function.child_by_field_name("type_parameters")
    names = (
        [one.child_by_field_name("name") for one in children(listed, "type_parameter")] if listed is not None else []
    )
    every = [site.file.text(name) for name in names if name is not None]
    taken = [one for one in parameters(function) if one.type == "parameter"]
    free = [name for name in every if not any(mentions(site.file, one, name) for one in taken)]
    if not called:
        return free
    body = function.child_by_field_name("body")
    head = site.file.data[function.start_byte : body.start_byte if body is not None else function.end_byte].decode()
    return [name for name in free if re.search(rf"\b{name}\s*:\s*(?:for<[^>]*>\s*)?Fn(?:Mut|Once)?\b", head)]


def _given_type(text: str) -> str:
    """The type of an argument as it is written, where it is a literal."""
    if re.fullmatch(r'&?"(?:[^"\\]|\\.)*"', text):
        return "&str"
    if re.fullmatch(r"-?\d[\d_]*", text):
        return "i32"
    suffix = re.fullmatch(r"-?\d[\d_]*(?:\.\d+)?([iuf]\d+|[iu]size)", text)
    if suffix is not None:
        return suffix[1]
    if re.fullmatch(r"-?\d[\d_]*\.\d*", text):
        return "f64"
    if re.match(r"(?:String::from|format!|\w+\.to_string)\(", text) or re.search(r"\.to_(?:string|owned)\(\)$", text):
        return "String"
    listed = re.match(r"(&?)(?:vec!)?\[(.+?)[,;\]]", text)
    if listed is not None and (inner := _given_type(listed[2].strip())):
        return f"&[{inner}]" if listed[1] else f"Vec<{inner}>" if text.startswith("vec!") else ""
    return "bool" if text in ("true", "false") else "char" if re.fullmatch(r"'.'", text) else ""


def _beside(site: Site, function: Node) -> list[str]:
    """The types of the other parameters: what belongs together is often alike."""
    kinds = [one.child_by_field_name("type") for one in parameters(function) if one.type == "parameter"]
    return list(dict.fromkeys(site.file.text(kind) for kind in kinds if kind is not None))


_TRIED = ("&str", "String", "&[i32]", "Vec<i32>", "i32", "f64", "Option<i32>", "char")


def _by_methods(site: Site, places: list[Place]) -> list[str]:
    """Types that have all the methods which are called on it."""
    called = set()
    for place in places:
        access = site.file.node_at(place).parent
        field = (
            access.child_by_field_name("field") if access is not None and access.type == "field_expression" else None
        )
        if field is not None and field.start_byte > place.end:
            called.add(site.file.text(field))
    if not called:
        return []
    symbols = site.context.symbols
    return [kind for kind in _TRIED if called <= {one.name for one in symbols.methods_of(kind)}][:2]


def _surplus(site: Site, function: Node) -> str:
    """The type of the argument that calls give and the function does not take, where the compiler says it."""
    name = name_of(site.file, function)
    for one in site.context.diagnostics:
        if one.code != "E0061" or f"{name}" not in one.rendered:
            continue
        for label in one.labels:
            found = re.search(r"unexpected argument #\d+ of type `(.+)`", label.text)
            if found:
                return found[1]
    return ""


def _positions(exact: list[list[str]], name: str, count: int) -> list[int]:
    """Where calls have the argument: one that is called like the parameter, else last, or anywhere."""
    named = [given.index(text) for given in exact for text in (name, f"&{name}", f"&mut {name}") if text in given]
    return list(dict.fromkeys([*named, count, *(range(count) if exact else ())]))[:4]


def _inserted(site: Site, function: Node, index: int, text: str) -> Change | None:
    listed = function.child_by_field_name("parameters")
    every = parameters(function)
    own = [one for one in every if one.type != "self_parameter"]
    if listed is None:
        return None
    if index < len(own):
        return site.file.insert(own[index].start_byte, f"{text}, ")
    if every:
        return site.file.insert(every[-1].end_byte, f", {text}")
    return site.file.insert(listed.start_byte + 1, text)


PLUGIN = Mend(
    codes=("E0425", "E0423"),
    title="take the parameter that is used",
    cites=("docs:error_codes/E0425.html", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            """
pub struct Mask([u32; 4]);
impl Mask {
    fn contains(&self) -> bool {
        self.0[byte as usize / 32] & (1 << (byte as usize % 32)) != 0
    }
    pub fn has(&self, all: &[u8]) -> bool {
        all.iter().all(|one| self.contains(*one))
    }
}
""",
            """
pub struct Mask([u32; 4]);
impl Mask {
    fn contains(&self, byte: u8) -> bool {
        self.0[byte as usize / 32] & (1 << (byte as usize % 32)) != 0
    }
    pub fn has(&self, all: &[u8]) -> bool {
        all.iter().all(|one| self.contains(*one))
    }
}
""",
        ),
        Example(
            """
#[derive(PartialEq)]
pub struct Day(u8);
impl PartialOrd for Day {
    fn partial_cmp(&self) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(&rhs.0)
    }
}
""",
            """
#[derive(PartialEq)]
pub struct Day(u8);
impl PartialOrd for Day {
    fn partial_cmp(&self, rhs: &Self) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(&rhs.0)
    }
}
""",
        ),
        Example(
            """
pub struct Person {
    name: String,
    age: u32,
}
impl Person {
    pub fn new(name: String) -> Self {
        Person { name, age }
    }
}
pub fn ann() -> Person {
    Person::new(String::from("Ann"), 30)
}
""",
            """
pub struct Person {
    name: String,
    age: u32,
}
impl Person {
    pub fn new(name: String, age: u32) -> Self {
        Person { name, age }
    }
}
pub fn ann() -> Person {
    Person::new(String::from("Ann"), 30)
}
""",
        ),
        Example(
            """
pub struct Hour(u8);
impl std::str::FromStr for Hour {
    type Err = std::num::ParseIntError;
    fn from_str() -> Result<Self, Self::Err> {
        Ok(Hour(text.parse()?))
    }
}
""",
            """
pub struct Hour(u8);
impl std::str::FromStr for Hour {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Hour(text.parse()?))
    }
}
""",
        ),
        Example(
            """
pub fn open(path: &str) -> usize {
    count(path) + path.len()
}
fn count() -> usize {
    size(path)
}
fn size(path: &str) -> usize {
    path.len()
}
pub fn both() -> usize {
    count("one")
}
""",
            """
pub fn open(path: &str) -> usize {
    count(path) + path.len()
}
fn count(path: &str) -> usize {
    size(path)
}
fn size(path: &str) -> usize {
    path.len()
}
pub fn both() -> usize {
    count("one")
}
""",
        ),
        Example(
            """
pub fn sum(left: i64) -> i64 {
    left + right
}
""",
            """
pub fn sum(left: i64, right: i64) -> i64 {
    left + right
}
""",
        ),
        Example(
            """
pub struct Keys([&'static str; 2]);
impl From<[&'static str; 2]> for Keys {
    fn from() -> Self {
        Keys([v[1], v[0]])
    }
}
""",
            """
pub struct Keys([&'static str; 2]);
impl From<[&'static str; 2]> for Keys {
    fn from(v: [&'static str; 2]) -> Self {
        Keys([v[1], v[0]])
    }
}
""",
        ),
    ),
    patches=_patches,
)
