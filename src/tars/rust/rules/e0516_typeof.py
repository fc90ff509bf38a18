"""Writes the type that `typeof(…)` asks for."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_LITERALS = {
    "integer_literal": "i32", "float_literal": "f64", "string_literal": "&str", "char_literal": "char",
    "boolean_literal": "bool",
}  # fmt: skip
_KNOWN = {"{integer}": "i32", "{float}": "f64"}


def _patches(site: Site) -> Iterator[Patch]:
    inner = site.text.removeprefix("typeof").strip().removeprefix("(").removesuffix(")").strip()
    declared = site.up("let_declaration")
    literal = next((one for one in site.file.walk(*_LITERALS) if site.file.text(one) == inner), None)
    if literal is not None:
        type_ = _LITERALS[literal.type]
    else:
        uses = [one for one in site.file.walk("identifier") if site.file.text(one) == inner]
        values = [one.parent for one in uses if one.parent is not None and one.parent.type == "let_declaration"]
        value = values[0].child_by_field_name("value") if values and values[0] is not None else None
        (found,) = site.context.types([site.file.place(value)]) if value is not None else (None,)
        type_ = _KNOWN.get(found or "", found or "")
    if type_:
        yield patch(f"write `{type_}`", 0.75, site.file.replace(site.place, type_))
    if declared is not None:
        yield patch("let it be inferred", 0.4, site.file.replace(site.place, "_"))


PLUGIN = Mend(
    codes=("E0516",),
    title="write the type that `typeof` asks for",
    cites=("docs:error_codes/E0516.html", "docs:reference/keywords.html"),
    examples=(
        Example(
            "pub fn ninety() -> i32 {\n    let n: typeof(92) = 92;\n    n\n}\n",
            "pub fn ninety() -> i32 {\n    let n: i32 = 92;\n    n\n}\n",
        ),
    ),
    patches=_patches,
)
