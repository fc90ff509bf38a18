"""Which licence a source is under, told by what it holds itself, and whether that is one that snapshots may have."""

import re
from collections.abc import Mapping
from typing import Final

from tars.core.errors import TarsError

ALLOWED: Final = frozenset(
    {"MIT", "Apache-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Unlicense"}
)
_EXCEPTIONS: Final = frozenset({"LLVM-exception"})
"""What may stand after `WITH`: an exception only ever allows more."""
_TOKEN: Final = re.compile(r"\s*(\(|\)|/|[A-Za-z0-9.+-]+)")
_FILE: Final = re.compile(r"((UN)?LICEN[SC]E|COPYING)([-_.](?!rs$|html$)[\w.-]*)?$", re.IGNORECASE)
_MANIFEST: Final = re.compile(r"Cargo\.toml$")
_WITHOUT_FEE: Final = (
    "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby "
    "granted"
)
_RESTRICTIONS: Final = ("commons clause", "non-commercial", "noncommercial", "no derivative")
_PHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "Apache-2.0": ("apache license", "version 2.0"),
    "ISC": (f"{_WITHOUT_FEE}, provided that",),
    "0BSD": (_WITHOUT_FEE, "the software is provided as is"),
    "MIT": ("permission is hereby granted, free of charge, to any person obtaining a copy", "without restriction"),
    "Unlicense": ("this is free and unencumbered software released into the public domain",),
    "BSD-2-Clause": (
        "redistribution and use in source and binary forms, with or without modification, are permitted provided",
        "redistributions in binary form must reproduce the above copyright notice",
    ),
}
"""Phrases that all must stand in the text of a licence; texts are compared in lower case, without quotes, with one
blank between words."""


class LicenceError(TarsError):
    """The source may not be kept, and why."""


def licence_of(files: Mapping[str, bytes]) -> str:
    """The licence under which a source is kept: what its `Cargo.toml` says, else what its licence files are.

    Raises `LicenceError` where nothing says it, or it, or that of a part of it, is none of those that are allowed.
    """
    declared = {path: said for path in files if _is_named(path, _MANIFEST) and (said := _declared(files[path]))}
    for path, said in declared.items():
        if not allows(said):
            raise _refused(f"the licence in its {path} is {said}")
    texts = {path: recognised(files[path].decode("utf-8", "replace")) for path in files if _is_named(path, _FILE)}
    for path, licence in texts.items():
        if not licence:
            raise _refused(f"its {path} is none of the licences that are allowed")
    if "Cargo.toml" in declared:
        return declared["Cargo.toml"]
    known = sorted({licence for path, licence in texts.items() if "/" not in path})
    if not known:
        raise LicenceError(
            "nothing in it says under which licence it is", hint="it needs a LICENSE file, or `license` in Cargo.toml"
        )
    return ", ".join(known)


def allows(expression: str) -> bool:
    """Whether an SPDX expression (or the older `MIT/Apache-2.0`) can be met with allowed licences alone."""
    tokens = []
    at = 0
    expression = expression.strip()
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            return False
        tokens.append("OR" if found[1] == "/" else found[1])
        at = found.end()
    try:
        allowed, rest = _either(tokens)
    except IndexError:
        return False
    return allowed and not rest


def recognised(text: str) -> str:
    """The licence that a text is, by the phrases that it must hold; empty where it is none of those that are known."""
    plain = " ".join(re.sub(r"[\"'*`“”]", "", text).lower().split())
    if any(one in plain for one in _RESTRICTIONS):
        return ""
    for name in ("Apache-2.0", "MIT", "ISC", "0BSD", "Unlicense", "BSD-2-Clause"):
        if all(phrase in plain for phrase in _PHRASES[name]):
            third = "neither the name" in plain or "the name of the author may not be used" in plain
            return "BSD-3-Clause" if name == "BSD-2-Clause" and third else name
    return ""


def _declared(data: bytes) -> str:
    """What a manifest says of its package's licence; one that cannot be read says nothing."""
    import tomllib  # noqa: PLC0415 - only a source with a manifest needs it

    try:
        manifest = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""
    workspace = manifest.get("workspace")
    inherited = workspace.get("package") if isinstance(workspace, dict) else None
    for table in (manifest.get("package"), inherited):
        licence = table.get("license") if isinstance(table, dict) else None
        if isinstance(licence, str) and licence.strip():
            return licence.strip()
    return ""


def _is_named(path: str, pattern: re.Pattern[str]) -> bool:
    return pattern.match(path.rpartition("/")[2]) is not None


def _refused(message: str) -> LicenceError:
    return LicenceError(message, hint=f"allowed are {', '.join(sorted(ALLOWED))}")


def _either(tokens: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _both(tokens)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:])
        allowed = allowed or other
    return allowed, rest


def _both(tokens: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _one(tokens)
    while rest and rest[0] == "AND":
        other, rest = _one(rest[1:])
        allowed = allowed and other
    return allowed, rest


def _one(tokens: list[str]) -> tuple[bool, list[str]]:
    if tokens[0] == "(":
        allowed, rest = _either(tokens[1:])
        return (allowed, rest[1:]) if rest[0] == ")" else (False, [])
    allowed, rest = tokens[0] in ALLOWED, tokens[1:]
    if rest and rest[0] == "WITH":
        return allowed and rest[1] in _EXCEPTIONS, rest[2:]
    return allowed, rest
