"""Makes a value whose type has no such constructor: by its default, or by one that sets its fields."""

from collections.abc import Iterator

from tars.rust.rules_support.items import Found, declared_type, fields, implements, items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.methods import missing_method
from tars.rust.rules_support.traits import after
from tars.rust.values import Change, Example, Patch

_CONSTRUCTORS = ("new", "create", "make", "build", "init", "from_parts", "with")


def _patches(site: Site) -> Iterator[Patch]:
    missing = missing_method(site)
    call = site.up("call_expression")
    arguments = call.child_by_field_name("arguments") if call else None
    found = declared_type(site.context, str(missing.type)) if missing else None
    if missing is None or missing.receiver is not None or found is None or arguments is None:
        return
    if missing.name not in _CONSTRUCTORS or found[1].type != "struct_item":
        return
    name, given = name_of(*found), children(arguments)
    if not given and implements(site.context, name, "Default"):
        yield patch("make it by its default", 0.65, site.file.replace(site.place, "default"))
    parts = fields(*found)
    generic = found[1].child_by_field_name("type_parameters") is not None
    if parts and len(parts) == len(given) and not parts[0][0].isdigit() and not generic:
        yield patch(f"implement `{missing.name}`, which sets the fields", 0.5, _constructor(site, found, missing.name))


def _constructor(site: Site, found: Found, name: str) -> Change:
    """The constructor, first in the type's own `impl`, or in a new one behind the type."""
    file, node = found
    parts = fields(file, node)
    type_name = name_of(file, node)
    listed = ", ".join(f"{field}: {type_}" for field, type_ in parts)
    made = ", ".join(field for field, _ in parts)
    impl = next(_own_impls(site, type_name), None)
    if impl is not None:
        body = impl[1].child_by_field_name("body")
        assert body is not None, "an impl has a body"
        indent = impl[0].indent(impl[1].start_byte) + "    "
        text = f"\n{indent}pub fn {name}({listed}) -> Self {{\n{indent}    Self {{ {made} }}\n{indent}}}\n"
        return impl[0].insert(body.start_byte + 1, text)
    text = f"impl {type_name} {{\n    pub fn {name}({listed}) -> Self {{\n        Self {{ {made} }}\n    }}\n}}"
    return after(file, node, text)


def _own_impls(site: Site, type_name: str) -> Iterator[Found]:
    for file, impl in items(site.context, "impl_item", name=type_name):
        if not trait_of(file, impl):
            yield file, impl


PLUGIN = Mend(
    codes=("E0599",),
    title="make a value whose type has no such constructor",
    cites=("docs:book/ch05-03-method-syntax.html", "docs:std/default/trait.Default.html"),
    examples=(
        Example(
            """
#[derive(Default)]
pub struct Count(pub u32);
pub fn none() -> Count {
    Count::new()
}
""",
            """
#[derive(Default)]
pub struct Count(pub u32);
pub fn none() -> Count {
    Count::default()
}
""",
        ),
        Example(
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn start() -> Point {
    Point::new(0, 0)
}
""",
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}

impl Point {
    pub fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }
}
pub fn start() -> Point {
    Point::new(0, 0)
}
""",
        ),
    ),
    patches=_patches,
)
