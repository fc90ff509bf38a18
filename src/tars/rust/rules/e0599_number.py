"""Calls methods of floating-point numbers on integers, and the reverse, by what they have."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.methods import declared_value, missing_method
from tars.rust.rules_support.types import is_float, is_integer
from tars.rust.values import Example, Patch

_OF_FLOATS = frozenset(
    {
        "sqrt", "cbrt", "sin", "cos", "tan", "exp", "ln", "log10", "powf", "powi", "floor", "ceil", "round", "trunc",
        "to_radians", "to_degrees", "hypot", "recip", "exp2", "atan2",
    }
)  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    missing = missing_method(site)
    if missing is None or missing.receiver is None:
        return
    yield from _of_floats(site, missing.receiver)
    bare = missing.type.peeled
    text = site.file.text(missing.receiver)
    if is_integer(bare) and missing.name in _OF_FLOATS:
        star = "*" if missing.type.head == "&" else ""
        cast = Conversion(f"{star}{{}} as f64", "", 0.6).applied(text, missing.receiver.type)
        yield patch("calculate with floating-point numbers", 0.65, site.file.replace(missing.receiver, f"({cast})"))
    elif is_float(bare) and missing.name == "pow" and missing.call is not None:
        arguments = missing.call.child_by_field_name("arguments")
        given = children(arguments) if arguments else []
        whole = len(given) == 1 and given[0].type != "float_literal"
        name = "powi" if whole else "powf"
        yield patch(f"it is called `{name}`", 0.75, site.file.replace(site.place, name))


def _of_floats(site: Site, receiver: Node) -> Iterator[Patch]:
    """The method is there for the struct of floating-point numbers: what it is made of are such."""
    notes = " ".join(note.message for note in site.diagnostic.notes)
    if not re.search(r"method was found for\s*- `\w+<(?:f32|f64)", notes) or receiver.type != "identifier":
        return
    value = declared_value(site, site.file.text(receiver), site.place.start)
    whole = list(site.file.walk("integer_literal", within=value)) if value is not None else []
    plain = [one for one in whole if site.file.text(one).isdigit()]
    if plain:
        yield patch("make it of floating-point numbers", 0.55, *(site.file.insert(one.end_byte, ".0") for one in plain))


PLUGIN = Mend(
    codes=("E0599",),
    title="call a method that this kind of number has",
    cites=("docs:std/primitive.f64.html", "docs:std/primitive.u32.html"),
    examples=(
        Example(
            "pub fn root(n: u32) -> f64 {\n    n.sqrt()\n}\n",
            "pub fn root(n: u32) -> f64 {\n    (n as f64).sqrt()\n}\n",
        ),
        Example(
            "pub fn square(n: f64) -> f64 {\n    n.pow(2)\n}\n",
            "pub fn square(n: f64) -> f64 {\n    n.powi(2)\n}\n",
        ),
    ),
    patches=_patches,
)
