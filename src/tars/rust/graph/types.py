"""Types as text, taken apart just enough to compare them: `&mut Vec<Option<T>>` as a head and its arguments."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"'\w+|\w+!?|::|->|\{[\w ]+\}|[<>(),;=+&*\[\]?!_:-]")
_PARAMETER = re.compile(r"[A-Z][A-Z0-9]?|Self|Item")


class Type(NamedTuple):
    """`head` is a type's last path segment, or one of `&`, `&mut`, `*`, `slice`, `array`, `tuple`, `fn`, `dyn`, `impl`;
    `args` are what it is made of, lifetimes and lengths left out."""

    head: str
    args: tuple["Type", ...] = ()
    path: str = ""
    """The whole path, where one was written: `std::slice::Iter`."""

    def __str__(self) -> str:
        inner = [str(one) for one in self.args]
        if self.head in ("&", "&mut", "*"):
            return f"{self.head}{' ' if self.head == '&mut' else ''}{inner[0]}"
        if self.head in ("slice", "array"):
            return f"[{inner[0]}]"
        if self.head == "tuple":
            return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
        if self.head in ("dyn", "impl"):
            return f"{self.head} {' + '.join(inner)}"
        return f"{self.head}<{', '.join(inner)}>" if inner else self.head


UNKNOWN = Type("_")


@lru_cache(4096)
def read_type(text: str) -> Type:
    """The type in a text; what cannot be read is `_`."""
    reader = _Reader(_TOKEN.findall(text))
    try:
        return reader.type()
    except (IndexError, RecursionError):
        return UNKNOWN


def without_references(one: Type) -> Type:
    """What the references point at."""
    while one.head in ("&", "&mut") and one.args:
        one = one.args[0]
    return one


def match(pattern: Type, actual: Type, bound: dict[str, Type]) -> bool:
    """Whether the type fits a pattern whose parameters are capital letters; what they stand for goes into `bound`.
    A type that is not known fits everything."""
    if actual == UNKNOWN or pattern == UNKNOWN:
        return True
    if not pattern.args and _PARAMETER.fullmatch(pattern.head):
        bound.setdefault(pattern.head, actual)
        return True
    if actual.head in ("{integer}", "{float}") and not pattern.args:
        numbers = r"[ui](\d+|size)" if actual.head == "{integer}" else r"f\d+"
        return re.fullmatch(numbers, pattern.head) is not None
    if pattern.head != actual.head:
        return False
    return all(match(one, other, bound) for one, other in zip(pattern.args, actual.args, strict=False))


def substitute(one: Type, bound: Mapping[str, Type]) -> Type:
    """The type with its parameters replaced."""
    if not one.args and one.head in bound:
        return bound[one.head]
    return Type(one.head, tuple(substitute(arg, bound) for arg in one.args), one.path)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> bool:
        if self.peek() in expected:
            self.at += 1
            return True
        return False

    def type(self) -> Type:
        while self.peek().startswith("'") or self.peek() in ("mut", "const", "?", "unsafe", "for"):
            if self.take("for") and self.peek() == "<":
                self._arguments()
            else:
                self.at += 1
        if self.take("&"):
            while self.peek().startswith("'"):
                self.at += 1
            mutable = self.take("mut")
            return Type("&mut" if mutable else "&", (self.type(),))
        if self.take("*"):
            self.take("const", "mut")
            return Type("*", (self.type(),))
        if self.take("["):
            inner = self.type()
            array = self.peek() == ";"
            while self.peek() and not self.take("]"):
                self.at += 1
            return Type("array" if array else "slice", (inner,))
        if self.take("("):
            return self._tuple()
        if self.peek() in ("dyn", "impl"):
            head = self.tokens[self.at]
            self.at += 1
            bounds = [self.type()]
            while self.take("+"):
                bounds.append(self.type())
            return Type(head, tuple(bounds))
        return self._path()

    def _tuple(self) -> Type:
        inner: list[Type] = []
        comma = False
        while self.peek() and not self.take(")"):
            inner.append(self.type())
            comma = self.take(",")
            if not comma and self.peek() != ")":
                self.at += 1
        return inner[0] if len(inner) == 1 and not comma else Type("tuple", tuple(inner))

    def _path(self) -> Type:
        if self.take("<"):  # `<T as Trait>::Output`: what it is, only the compiler knows.
            depth = 1
            while depth and self.peek():
                depth += (self.peek() == "<") - (self.peek() == ">")
                self.at += 1
            while self.take("::"):
                self.at += 1
            return UNKNOWN
        head = path = self.tokens[self.at]
        self.at += 1
        args: list[Type] = []
        while True:
            if self.peek() == "::":
                self.at += 1
                if self.peek() == "<":
                    continue
                head, args = self.tokens[self.at], []
                path = f"{path}::{head}"
                self.at += 1
            elif self.peek() == "<":
                args = self._arguments()
            elif self.peek() == "(" and head in ("fn", "Fn", "FnMut", "FnOnce"):
                self.at += 1
                args = [self._tuple()]
                args += [self.type()] if self.take("->") else []
            else:
                return Type(head, tuple(args), path if path != head else "")

    def _arguments(self) -> list[Type]:
        args: list[Type] = []
        self.take("<")
        while self.peek() and not self.take(">"):
            if self.peek().startswith("'") or self.peek().isdigit() or self.peek() == ",":
                self.at += 1
                continue
            if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] == "=":
                self.at += 2
                args.append(Type("=", (self.type(),)))
                continue
            args.append(self.type())
            if self.peek() not in (",", ">"):
                self.at += 1
        return args
