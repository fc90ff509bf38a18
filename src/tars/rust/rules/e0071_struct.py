"""Makes a struct by the name of one: where an alias means something else."""

from collections.abc import Iterator

from tars.rust.rules_support.items import fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    struct = site.up("struct_expression")
    body = struct.child_by_field_name("body") if struct else None
    if struct is None or body is None:
        return
    given = sorted(site.file.text(one.named_children[0]) for one in children(body) if one.named_children)
    for file, node in items(site.context, "struct_item"):
        if sorted(name for name, _ in fields(file, node)) == given:
            name = name_of(file, node)
            yield patch(f"make a `{name}`, which has these fields", 0.5, site.file.replace(site.place, name))
    values = [one.child_by_field_name("value") for one in children(body, "field_initializer")]
    number = site.words[-1] if site.words else ""
    if len(values) == 1 and values[0] is not None and number.islower():
        yield patch(f"give the `{number}` itself", 0.4, site.file.replace(struct, site.file.text(values[0])))


PLUGIN = Mend(
    codes=("E0071",),
    title="make a struct by the name of one",
    cites=("docs:error_codes/E0071.html", "docs:reference/expressions/struct-expr.html"),
    examples=(
        Example(
            "pub type Age = u32;\npub fn old() -> Age {\n    Age { years: 90 }\n}\n",
            "pub type Age = u32;\npub fn old() -> Age {\n    90\n}\n",
        ),
    ),
    patches=_patches,
)
