"""Mends a closure that changes what it captured where only `Fn` is accepted: `FnMut` is."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("change this to accept `FnMut` instead of `Fn`")
    if label is None or label.place.path not in site.context.files:
        return
    file = site.file_of(label.place)
    function = file.node_of(label.place, "function_item", "function_signature_item")
    if function is None:
        return
    changes = list(accept(file, function, label.place, "Fn", "FnMut"))
    if changes:
        yield patch("accept `FnMut`", 0.8, *changes)


def accept(file: SourceFile, function: Node, type_: Place, old: str, new: str) -> Iterator[Change]:
    """The bound of a function's parameter of this type changed from one closure trait to another; a parameter of
    `FnMut` itself made mutable."""
    name = file.text(type_)
    for bound in file.walk("function_type", within=function):
        trait = bound.child_by_field_name("trait")
        if trait is not None and file.text(trait) == old and _belongs(file, bound, type_, name):
            yield file.replace(trait, new)
    parameter = file.node_of(type_, "parameter")
    pattern = parameter.child_by_field_name("pattern") if parameter is not None else None
    if new == "FnMut" and pattern is not None and pattern.type == "identifier" and function.type == "function_item":
        taken = parameter.child_by_field_name("type") if parameter is not None else None
        mutable = any(child.type == "mutable_specifier" for child in parameter.children) if parameter else False
        if taken is not None and not file.text(taken).startswith("&") and not mutable:
            yield file.insert(pattern.start_byte, "mut ")


def _belongs(file: SourceFile, bound: Node, type_: Place, name: str) -> bool:
    """Whether a bound is that of the parameter's type: written in it, or in the generics for its name."""
    if type_.start <= bound.start_byte and bound.end_byte <= type_.end:
        return True
    around = bound.parent
    while around is not None and around.type not in ("type_parameter", "where_predicate", "parameter"):
        around = around.parent
    if around is None or around.type == "parameter":
        return False
    left = around.child_by_field_name("left") or around.child_by_field_name("name")
    return left is not None and file.text(left) == name.lstrip("&").removeprefix("mut ")


PLUGIN = Mend(
    codes=("E0594", "E0596"),
    title="accept a closure that changes what it captured",
    cites=("docs:error_codes/E0594.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            "pub fn call<F: Fn()>(f: F) {\n    f();\n}\n\npub fn count() {\n    let mut n = 0;\n"
            "    call(|| n += 1);\n}\n",
            "pub fn call<F: FnMut()>(mut f: F) {\n    f();\n}\n\npub fn count() {\n    let mut n = 0;\n"
            "    call(|| n += 1);\n}\n",
        ),
        Example(
            "pub fn call(f: impl Fn()) {\n    f();\n}\n\npub fn fill() {\n    let mut all = vec![0];\n"
            "    call(|| all.push(1));\n}\n",
            "pub fn call(mut f: impl FnMut()) {\n    f();\n}\n\npub fn fill() {\n    let mut all = vec![0];\n"
            "    call(|| all.push(1));\n}\n",
        ),
    ),
    patches=_patches,
)
