"""The functions of the language, by name: what people know from Terraform, without clocks, chance or other machines."""

from collections.abc import Mapping
from typing import Final

from tars.lang.meaning.context import Function
from tars.lang.meaning.functions import collections, encoding, files, memory, numbers, strings

GROUPS: Final[Mapping[str, tuple[Function, ...]]] = {
    "Strings": strings.FUNCTIONS,
    "Numbers": numbers.FUNCTIONS,
    "Collections": collections.FUNCTIONS,
    "Encoding": encoding.FUNCTIONS,
    "Files and environment": files.FUNCTIONS,
    "Memory": memory.FUNCTIONS,
}

FUNCTIONS: Final[Mapping[str, Function]] = {function.name: function for group in GROUPS.values() for function in group}

SPECIAL: Final[Mapping[str, tuple[str, str]]] = {
    "try": ("try(expression, …)", "The first of the expressions that has a value; the last is the fallback."),
    "can": ("can(expression)", "Whether the expression has a value."),
}
"""Signature and meaning of the functions that are part of the evaluator."""
