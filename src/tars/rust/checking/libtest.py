"""Reads what Rust's test programs print: which tests passed and which failed, by names that stay when lines move."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ducktools.classbuilder.prefab import Prefab

_SECTION: Final = re.compile(
    r"^\s*(?:Running (?P<source>.+?) \((?P<program>[^()]*)\)|Doc-tests (?P<documented>\S+))\s*$"
)
_RESULT: Final = re.compile(r"^test (?P<name>.+?)(?: - should panic)? \.\.\. .*?(?P<result>ok|FAILED)(?: <[^>]*>)?$")
_DOCUMENTED: Final = re.compile(
    r"^(?P<item>.+? - .*?)\s*\(line (?P<line>\d+)\)(?: - (?:compile|compile fail|should panic))?$"
)
_FAILURE: Final = re.compile(r"^    (?P<name>\S.*)$")
_IN_DOCUMENTATION: Final = re.compile(r" - | #\d+$")
_OF_CRATE: Final = re.compile(r"^[^:]+::")
_HASH: Final = re.compile(r"-[0-9a-f]{16}(\.exe)?$")


class Results(Prefab, frozen=True):
    """The full names of tests, sorted. Of several programs the name of the crate stands before them."""

    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def read_results(output: str) -> Results:
    """The results in the output of one test program, of rustdoc, or of `cargo test` with its headings."""
    found: dict[str, bool] = {}
    crates: Counter[str] = Counter()
    for prefix, lines in _sections(output, crates):
        for name, passed in _named(lines):
            found[f"{prefix}{name}"] = found.get(f"{prefix}{name}", True) and passed
    names = sorted(found)
    return Results(tuple(one for one in names if found[one]), tuple(one for one in names if not found[one]))


def chosen_tests(names: Sequence[str]) -> tuple[str, ...]:
    """What to put behind a call of cargo so that only these tests run, by their full names; nothing where all must, for
    one of them is of the documentation, which cannot be named exactly."""
    if not names or any(map(is_documented, names)):
        return ()
    return ("--", "--exact", *dict.fromkeys(form for one in names for form in (one, _OF_CRATE.sub("", one))))


def is_documented(name: str) -> bool:
    """Whether a test is an example of the documentation."""
    return bool(_IN_DOCUMENTATION.search(name))


def _sections(output: str, crates: Counter[str]) -> Iterator[tuple[str, list[str]]]:
    prefix, lines = "", list[str]()
    for line in output.splitlines():
        heading = _SECTION.match(line)
        if heading is None:
            lines.append(line)
            continue
        yield prefix, lines
        prefix, lines = _prefix(heading, crates), []
    yield prefix, lines


def _prefix(heading: re.Match[str], crates: Counter[str]) -> str:
    if heading["documented"]:
        return f"{heading['documented']}: "
    crate = _HASH.sub("", re.split(r"[/\\]", heading["program"])[-1])
    crates[crate] += 1
    source = heading["source"].removeprefix("unittests ")
    return f"{crate}::" if crates[crate] == 1 else f"{crate} ({source})::"


def _named(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Names with whether they passed. A documentation test is named for its item, and counted where it has several,
    since its line changes with every line above it."""
    found: list[tuple[str, int, bool]] = []
    for line in lines:
        match = _RESULT.match(line)
        if match:
            documented = _DOCUMENTED.match(match["name"])
            name = documented["item"].strip() if documented else match["name"]
            found.append((name, int(documented["line"]) if documented else 0, match["result"] == "ok"))
    named = {one[0] for one in found}
    failures = (one for one in _failures(lines) if one not in named and not _DOCUMENTED.match(one))
    found += [(one, 0, False) for one in failures]
    counts: Counter[str] = Counter()
    for name, number, passed in sorted(found):
        counts[name] += 1
        yield (f"{name} #{counts[name]}" if counts[name] > 1 and number else name), passed


def _failures(lines: list[str]) -> Iterator[str]:
    """The names in the closing list of failures: a test that writes past the capture spoils its own line above."""
    if "failures:" not in lines:
        return
    last = len(lines) - 1 - lines[::-1].index("failures:")
    for line in lines[last + 1 :]:
        match = _FAILURE.match(line)
        if match is None:
            return
        yield match["name"]
