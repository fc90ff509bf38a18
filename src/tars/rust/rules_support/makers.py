"""The functions of a type that make a value of it: its constructors."""

import re

from tree_sitter import Node

from tars.rust.mending.rule import Context
from tars.rust.rules_support.items import items, name_of, parameters
from tars.rust.syntax.source import SourceFile

Maker = tuple[SourceFile, Node]


def makers(context: Context, owner: str) -> list[Maker]:
    """The functions without `self` that give the crate's type of that name, `new` first."""
    found: list[Maker] = []
    for file, impl in items(context, "impl_item", name=owner):
        for function in file.walk("function_item", within=impl):
            result = function.child_by_field_name("return_type")
            text = re.sub(r"<.*", "", file.text(result)) if result is not None else ""
            if text in ("Self", owner) and all(one.type != "self_parameter" for one in parameters(function)):
                found.append((file, function))
    return sorted(found, key=lambda one: (name_of(*one) != "new", name_of(*one)))


def taking(context: Context, owner: str, count: int) -> list[str]:
    """The names of those that take so many values."""
    return list(dict.fromkeys(name_of(*one) for one in makers(context, owner) if len(parameters(one[1])) == count))[:2]
