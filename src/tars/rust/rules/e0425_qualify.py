"""Names the type whose function is called: `new()` → `String::new()`."""

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from tars.rust.mending.rule import Method
from tars.rust.rules_support.expected import expected_type
from tars.rust.rules_support.items import TYPES, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.rules_support.unknown import unknown_at
from tars.rust.values import Example, Patch

_COMMON = ("Vec", "String", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque", "BinaryHeap", "Box", "Rc", "Arc",
           "RefCell", "Cell", "Mutex", "RwLock", "PathBuf", "Duration", "Instant")  # fmt: skip
_POINTERS = ("Box", "Rc", "Arc", "RefCell", "Cell", "Mutex", "RwLock", "Option", "Result")


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    listed = call.child_by_field_name("arguments") if call is not None else None
    if missing is not None and missing.kind == "value" and missing.here and site.node.parent is not None:
        yield from _as_value(site, missing.name)
    if missing is None or not missing.is_call or not missing.here or call is None or listed is None:
        return
    if function is None or function.start_byte != site.place.start or function.end_byte != site.place.end:
        return
    used = _methods_used(site, call)
    wanted = expected_type(site, site.file.place(call))
    found = []
    for owner, known in _owners(site):
        for one in site.context.symbols.functions_of(owner):
            if one.name == missing.name and _count(one) == len(children(listed)):
                found.append((_fitness(site, owner, wanted, used, one), not known, owner))
                break
    for name in _generics(site, missing.name):
        yield patch(f"`{name}::{missing.name}` is meant", 0.72, site.file.insert(site.place.start, f"{name}::"))
    for number, (fitness, unknown, owner) in enumerate(sorted(found)[:4]):
        path = site.context.symbols.paths_of(owner, site.place)[:1] if unknown else ()
        text = f"{path[0] if path else owner}::{missing.name}"
        sure = (0.74, 0.5, 0.3)[min(fitness, 2)] - 0.08 * number
        yield patch(f"`{text}` is meant", max(sure, 0.05), site.file.replace(site.place, text))


def _as_value(site: Site, name: str) -> Iterator[Patch]:
    """A method that is handed to another function is named with its type: `.map(String::len)`."""
    around = site.node.parent
    if around is None or around.type != "arguments" or not re.fullmatch(r"[a-z]\w*", name):
        return
    own = [name_of(file, node) for file, node in items(site.context, *TYPES)]
    symbols = site.context.symbols
    fitting = [one for one in (*own, *_HANDED) if any(m.name == name and not m.trait for m in symbols.methods_of(one))]
    for number, owner in enumerate(fitting[:3]):
        text = f"{owner}::{name}"
        yield patch(f"`{text}` is meant", 0.45 - 0.1 * number, site.file.replace(site.place, text))


_HANDED = ("Option", "Result", "str", "String", "Vec", "char", "i32", "f64", "u32", "usize")


def _generics(site: Site, function: str) -> list[str]:
    """The type parameters in scope one of whose bounds has such a function."""
    found = []
    for local in site.context.symbols.locals_at(site.place):
        holder = site.file.node_of(local.place, "impl_item", "trait_item", "function_item", "struct_item")
        if local.kind != "type" or holder is None:
            continue
        body = holder.child_by_field_name("body")
        head = site.file.data[holder.start_byte : body.start_byte if body is not None else holder.end_byte].decode()
        for bounds in re.findall(rf"\b{local.name}\s*:\s*([^,>{{]+)", head):
            known = [one for bound in bounds.split("+") for one in site.context.symbols.functions_of(bound.strip())]
            if any(one.name == function for one in known):
                found.append(local.name)
    return list(dict.fromkeys(found))


def _owners(site: Site) -> list[tuple[str, bool]]:
    """Types that may have it, each with whether it is in scope."""
    scope = set(site.context.symbols.names_in("self", site.place)) | {"Vec", "String", "Box"}
    own = [name_of(file, node) for file, node in items(site.context, *TYPES)]
    return [(name, name in scope) for name in dict.fromkeys([*own, *_COMMON])]


def _count(one: Method) -> int:
    """How many arguments a function takes."""
    inside = re.search(r"fn \w+(?:<.*?>)?\((.*)\)(?: ->|$| where)", one.signature)
    text = inside[1].strip().rstrip(",") if inside is not None else ""
    depth, count = 0, 1 if text else 0
    for at, letter in enumerate(text):
        depth += (letter in "(<[") - (letter in ")]" or (letter == ">" and text[at - 1] != "-"))
        count += letter == "," and depth == 0
    return count


def _methods_used(site: Site, call: Node) -> set[str]:
    """The methods that are called on the variable which begins with the call."""
    let = call.parent
    pattern = let.child_by_field_name("pattern") if let is not None and let.type == "let_declaration" else None
    function = enclosing_function(call)
    if pattern is None or function is None:
        return set()
    found = set()
    for access in site.file.walk("field_expression", within=function):
        value, field = access.child_by_field_name("value"), access.child_by_field_name("field")
        if value is not None and field is not None and site.file.text(value) == site.file.text(pattern):
            found.add(site.file.text(field))
    return found


def _fitness(site: Site, owner: str, wanted: str, used: set[str], one: Method) -> int:
    """0 where everything speaks for the type, 2 where something speaks against it."""
    head = parse_type(wanted).head if wanted else ""
    if head and head == owner:
        return 0
    if head and head not in _POINTERS and head != "_":
        return 2
    has: Sequence[Method] = site.context.symbols.methods_of(owner) if used else ()
    if used:
        return 0 if used <= {method.name for method in has} else 2
    return 1


PLUGIN = Mend(
    codes=("E0425",),
    title="name the type whose function is called",
    cites=("docs:error_codes/E0425.html", "docs:book/ch05-03-method-syntax.html#associated-functions"),
    examples=(
        Example(
            """
pub fn doubled(numbers: &[i32]) -> Vec<i32> {
    let mut all = with_capacity(numbers.len());
    for number in numbers {
        all.push(number * 2);
    }
    all
}
""",
            """
pub fn doubled(numbers: &[i32]) -> Vec<i32> {
    let mut all = Vec::with_capacity(numbers.len());
    for number in numbers {
        all.push(number * 2);
    }
    all
}
""",
        ),
        Example(
            """
pub struct Point {
    x: i32,
}
impl Point {
    pub fn at(x: i32) -> Point {
        Point { x }
    }
}
pub fn origin() -> Point {
    at(0)
}
""",
            """
pub struct Point {
    x: i32,
}
impl Point {
    pub fn at(x: i32) -> Point {
        Point { x }
    }
}
pub fn origin() -> Point {
    Point::at(0)
}
""",
        ),
    ),
    patches=_patches,
)
