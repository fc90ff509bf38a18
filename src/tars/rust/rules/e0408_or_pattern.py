"""Makes the alternatives of a pattern bind the same names."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.scope import bindings
from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.names import mentions, replaced
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    name = site.words[0] if site.words else ""
    label = site.label("variable not in all patterns")
    if label is None or label.place.path != site.file.path or not re.fullmatch(r"\w+", name):
        return
    binding = site.file.node_at(label.place)
    arm = next((one for one in ancestors(binding) if one.type == "match_arm"), None)
    value = arm.child_by_field_name("value") if arm else None
    known = [path for path in nearest(name, _variants(site)) if path[:1].isupper()]
    for wanted in known[:2]:
        yield patch(f"`{wanted}` is meant", 0.6, site.file.replace(label.place, wanted))
    guard = _guard(arm) if arm else None
    used = any(mentions(site.file, one, name) for one in (value, guard) if one is not None)
    if arm is not None and not used:
        yield patch(f"`{name}` need not be bound: nothing uses it", 0.6, *_unbound(site, binding))
    yield from _like_the_others(site, binding, name)
    if arm is not None and value is not None and guard is None:
        yield from _split(site, arm, value)


def _variants(site: Site) -> list[str]:
    """The names that a lone name in a pattern may stand for."""
    names: list[str] = []
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for one in file.walk("enum_variant", "const_item"):
            name = one.child_by_field_name("name")
            names += [file.text(name)] if name else []
    return [*names, "None"]


def _guard(arm: Node) -> Node | None:
    pattern = arm.child_by_field_name("pattern")
    return pattern.child_by_field_name("condition") if pattern else None


def _unbound(site: Site, binding: Node) -> list[Change]:
    """`_` for it; in `Point { x }` it is left to `..`."""
    if binding.type == "shorthand_field_identifier":
        return list(replaced(site.file, [site.file.place(binding)], "_"))
    return [site.file.replace(binding, "_")]


def _like_the_others(site: Site, binding: Node, name: str) -> Iterator[Patch]:
    """Where each alternative binds one name, all may bind the same."""
    alternative = binding
    while alternative.parent is not None and alternative.parent.type != "or_pattern":
        alternative = alternative.parent
    whole = alternative.parent
    if whole is None or len(list(bindings(site.file, alternative))) != 1:
        return
    for other in children(whole):
        names = list(bindings(site.file, other))
        if other.id != alternative.id and len(names) == 1 and site.file.text(names[0]) != name:
            wanted = site.file.text(names[0])
            yield patch(
                f"bind `{wanted}` in all alternatives", 0.5, *replaced(site.file, [site.file.place(binding)], wanted)
            )


def _split(site: Site, arm: Node, value: Node) -> Iterator[Patch]:
    """One arm for each alternative, where the name is used for one alone in no way that the others need."""
    pattern = arm.child_by_field_name("pattern")
    inner = children(pattern)[0] if pattern and children(pattern) else None
    if inner is None or inner.type != "or_pattern":
        return
    indent = site.file.indent(arm.start_byte)
    arms = f",\n{indent}".join(f"{site.file.text(one)} => {site.file.text(value)}" for one in children(inner))
    yield patch("give each alternative an arm of its own", 0.1, site.file.replace(arm, f"{arms},"))


PLUGIN = Mend(
    codes=("E0408",),
    title="bind the same names in all alternatives",
    cites=("docs:error_codes/E0408.html", "docs:reference/patterns.html#or-patterns"),
    examples=(
        Example(
            """
pub fn is_some(one: Option<u8>) -> bool {
    match one {
        Some(value) | None => true,
    }
}
""",
            """
pub fn is_some(one: Option<u8>) -> bool {
    match one {
        Some(_) | None => true,
    }
}
""",
        ),
        Example(
            """
pub enum Shape {
    Circle(f64),
    Square(f64),
}
pub fn size(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(radius) | Shape::Square(side) => *radius,
    }
}
""",
            """
pub enum Shape {
    Circle(f64),
    Square(f64),
}
pub fn size(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(radius) | Shape::Square(radius) => *radius,
    }
}
""",
        ),
    ),
    patches=_patches,
)
