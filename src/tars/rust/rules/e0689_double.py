"""Gives a number whose method is called the type that it would have anyway: `f64`, or `i32`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import declaration
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access is not None else None
    if value is None:
        return
    file = site.file
    type_ = "f64" if "{float}" in site.diagnostic.message else "i32"
    while value.type in ("parenthesized_expression", "unary_expression") and value.named_children:
        value = value.named_children[0]
    if value.type in ("float_literal", "integer_literal"):
        text = file.text(value)
        yield patch(
            f"it is an `{type_}`",
            0.82,
            file.replace(value, f"{text}0_{type_}" if text.endswith(".") else f"{text}_{type_}"),
        )
    elif value.type == "identifier":
        bound = declaration(file, file.text(value), site.place)
        pattern = bound.child_by_field_name("pattern") if bound is not None else None
        if bound is not None and pattern is not None and bound.child_by_field_name("type") is None:
            yield patch(f"it is an `{type_}`", 0.82, file.insert(pattern.end_byte, f": {type_}"))


PLUGIN = Mend(
    codes=("E0689",),
    title="give a number the type that it has by default",
    cites=("docs:error_codes/E0689.html", "docs:reference/expressions/literal-expr.html"),
    examples=(
        Example(
            """
pub fn root() -> f64 {
    2.0.sqrt()
}
""",
            """
pub fn root() -> f64 {
    2.0_f64.sqrt()
}
""",
        ),
        Example(
            """
pub fn shown() -> String {
    let side = 3.0;
    format!("{:.2}", side.powi(2))
}
""",
            """
pub fn shown() -> String {
    let side: f64 = 3.0;
    format!("{:.2}", side.powi(2))
}
""",
        ),
    ),
    patches=_patches,
)
