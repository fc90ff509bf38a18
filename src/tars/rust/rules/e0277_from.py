"""Mends conversions that do not exist: casts numbers, or implements `From` where the fields tell how."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.items import Found, declared_type, fields, name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.traits import after
from tars.rust.rules_support.types import FLOATS, INTEGERS, RustType, fits, is_number, parse_type
from tars.rust.values import Example, Patch

_OPEN = {"{float}": "f64", "{integer}": "i32"}


def _patches(site: Site) -> Iterator[Patch]:
    found = re.search(r"the trait bound `(.+?): (From<(.+)>|FromStr)` is not satisfied", site.diagnostic.message)
    if found is None:
        return
    target = parse_type(found[1])
    source = parse_type(found[3]) if found[3] else parse_type("&str")
    if target.head == "Result" and site.text == "into":
        yield patch("try to convert it", 0.75, site.file.replace(site.place, "try_into"))
    if is_number(target) and is_number(source):
        yield from _cast(site, target)
    own = declared_type(site.context, found[1])
    if own is None:
        return
    made = _built(site, own, source, parsed=found[3] is None)
    if made is not None:
        yield patch(f"implement the conversion into `{name_of(*own)}`", 0.5, after(*own, made))


def _cast(site: Site, target: RustType) -> Iterator[Patch]:
    """`u8::from(n)` and `n.into()` where a value may not fit."""
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call else None
    arguments = call.child_by_field_name("arguments") if call else None
    if call is None or function is None or arguments is None:
        return
    given = children(arguments)
    value = given[0] if given else function.child_by_field_name("value")
    if value is None:
        return
    cast = Conversion(f"{{}} as {target}", "", 0.5).applied(site.file.text(value), value.type)
    text = f"({cast})" if call.parent is not None and call.parent.type == "field_expression" else cast
    yield patch(f"cast it to `{target}`", 0.5, site.file.replace(call, text))
    if target.head in INTEGERS:
        tried = f"{target}::try_from({site.file.text(value)}).unwrap()"
        yield patch("convert it, which must fit", 0.4, site.file.replace(call, tried))


def _built(site: Site, own: Found, source: RustType, *, parsed: bool) -> str | None:
    """The implementation, where the target has one field of the source's type, or the source the target's fields."""
    file, node = own
    parts = fields(file, node) if node.type == "struct_item" else []
    name = name_of(file, node)
    from_type = _OPEN.get(source.head, str(source))
    if parsed:
        if len(parts) != 1 or parse_type(parts[0][1]).head not in INTEGERS | FLOATS:
            return None
        inner = parse_type(parts[0][1])
        error = f"std::num::Parse{'Float' if inner.head in FLOATS else 'Int'}Error"
        value = f"{name}(text.parse()?)" if parts[0][0] == "0" else f"{name} {{ {parts[0][0]}: text.parse()? }}"
        return (
            f"impl std::str::FromStr for {name} {{\n    type Err = {error};\n\n"
            f"    fn from_str(text: &str) -> Result<Self, Self::Err> {{\n        Ok({value})\n    }}\n}}"
        )
    value = ""
    if len(parts) == 1 and fits(parse_type(parts[0][1]), source):
        value = f"{name}(value)" if parts[0][0] == "0" else f"{name} {{ {parts[0][0]}: value }}"
        from_type = parts[0][1] if "{" in from_type or source.head in _OPEN else from_type
    elif (other := declared_type(site.context, str(source))) is not None:
        theirs = dict(fields(*other))
        if parts and all(theirs.get(part) == type_ for part, type_ in parts):
            given = [f"value.{part}" if part.isdigit() else f"{part}: value.{part}" for part, _ in parts]
            value = f"{name}({', '.join(given)})" if parts[0][0] == "0" else f"{name} {{ {', '.join(given)} }}"
    if not value:
        return None
    return (
        f"impl From<{from_type}> for {name} {{\n    fn from(value: {from_type}) -> Self {{\n        {value}\n    }}\n}}"
    )


PLUGIN = Mend(
    codes=("E0277",),
    title="convert where there is no conversion yet",
    cites=("docs:std/convert/trait.From.html", "docs:rust-by-example/conversion/from_into.html"),
    examples=(
        Example(
            """
pub fn short(n: u64) -> u32 {
    u32::from(n)
}
""",
            """
pub fn short(n: u64) -> u32 {
    n as u32
}
""",
        ),
        Example(
            """
pub struct Celsius(pub f64);
pub fn warm(n: f64) -> Celsius {
    n.into()
}
""",
            """
pub struct Celsius(pub f64);

impl From<f64> for Celsius {
    fn from(value: f64) -> Self {
        Celsius(value)
    }
}
pub fn warm(n: f64) -> Celsius {
    n.into()
}
""",
        ),
    ),
    patches=_patches,
)
