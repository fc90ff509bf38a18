"""Sets of cases that the evaluation mends: broken Rust, with a known mend and tests to judge by where there are any.

A set is `error-index` or `book` (the toolchain's own documentation), a folder of cases, or crates that build, of which
mutants are made.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError, UnavailableError, UsageError
from tars.core.near import close_matches
from tars.core.values import as_dict
from tars.rust.anchors.sources import MISSING_HINT, toolchain_sources
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.toolchain import find_toolchain
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.evaluation.error_cases import Pair, book_pages, error_index_pages, pairs_of
from tars.rust.evaluation.mutate import Request, mutants
from tars.store.shared import default_root

ROOT: Final = "main.rs"
"""What the file of a lone case is called."""
PAIRS_FORMAT: Final = 2
Half = Literal["dev", "test"]


class Case(Prefab, frozen=True):
    """One broken workspace. `files` are its Rust files, broken, and `known` are those of a mend that is known.

    `crate` is the folder of the workspace that `files` belong to; None where they are one lone file, `main.rs`, of
    `edition`. `oracle` are tests that the mender does not see: they are put behind the lone file to judge a mend.
    Cases of one `half` share neither page, program nor crate with those of the other: develop on `dev`.
    """

    name: str
    group: str
    half: Half
    files: Mapping[str, bytes]
    known: Mapping[str, bytes] | None = None
    edition: str = "2021"
    crate: Path | None = None
    oracle: bytes = b""
    mutation: str = ""

    @property
    def has_tests(self) -> bool:
        """Whether tests can judge a mend."""
        return self.crate is not None or bool(self.oracle) or self.shows_tests

    @property
    def shows_tests(self) -> bool:
        """Whether the mender sees tests that it can run."""
        return self.crate is not None or any(b"#[test]" in data for data in self.files.values())


class Choice(Prefab, frozen=True):
    """Which of a set's cases are wanted: of one half (empty: both), those of these names (empty: all). `mutants` says
    how many are made of each crate, and how."""

    half: str = ""
    names: tuple[str, ...] = ()
    mutants: Request = attribute(default_factory=Request)


def load_cases(name: str, choice: Choice = Choice()) -> tuple[Case, ...]:
    """The cases of a set, in the order of their names: `error-index`, `book`, or the path of a folder of cases, of a
    crate, of a folder of crates, or of a lone `.rs` file that builds.

    A case is a folder that holds `broken.rs`, and perhaps `fixed.rs` (a known mend), `tests.rs` (tests that are
    put behind a mend to judge it) and `case.json` (`edition`, and `program`: cases of one program share a half).

    Raises `UsageError` where there is no such set or it holds no case, `UnavailableError` where the toolchain's
    documentation is not on this machine.
    """
    documented: dict[str, Callable[[Path], tuple[Path, ...]]] = {"error-index": error_index_pages, "book": book_pages}
    path = Path(name)
    if name in documented:
        found = _documented(name, documented[name])
    elif path.suffix == ".rs" and path.is_file():
        found = list(_mutated(path, path.stem, choice))
    elif (path / "Cargo.toml").is_file():
        found = list(_mutated(path, path.resolve().name, choice))
    elif path.is_dir():
        found = list(_folder(path, choice))
    else:
        raise UsageError(f"there is no set of cases `{name}`", hint="name a folder of cases, a crate, or `error-index`")
    chosen = [one for one in found if choice.half in ("", one.half) and (not choice.names or one.name in choice.names)]
    if not chosen:
        named = [one.name for one in found if choice.half in ("", one.half)]
        near = [one for one in named if one.startswith(choice.names)] or close_matches("".join(choice.names[:1]), named)
        hint = f"there is {', '.join(near[:3] or named[:3])}" if choice.names and named else _CASE_HINT
        raise UsageError(f"the set `{name}` holds no case that was asked for", hint=hint)
    return tuple(sorted(chosen, key=lambda one: (one.group, one.name)))


def half_of(name: str) -> Half:
    """The half that all cases of a page, program or crate are in; the same everywhere and for ever."""
    return "test" if hashlib.sha256(name.encode()).digest()[0] & 1 else "dev"


_CASE_HINT: Final = "a case is a folder with `broken.rs`, a crate one with `Cargo.toml`"


def _folder(folder: Path, choice: Choice) -> Iterator[Case]:
    for inner in sorted(one for one in folder.iterdir() if one.is_dir()):
        if (inner / "Cargo.toml").is_file():
            if choice.half in ("", half_of(inner.name)):
                yield from _mutated(inner, inner.name, choice)
        elif (inner / "broken.rs").is_file():
            yield _case(inner, folder.name)


def _case(folder: Path, group: str) -> Case:
    about = _about(folder / "case.json")
    fixed, tests = folder / "fixed.rs", folder / "tests.rs"
    return Case(
        name=folder.name,
        group=group,
        half=half_of(str(about.get("program", folder.name))),
        files={ROOT: (folder / "broken.rs").read_bytes()},
        known={ROOT: fixed.read_bytes()} if fixed.is_file() else None,
        edition=str(about.get("edition", "2021")),
        oracle=tests.read_bytes() if tests.is_file() else b"",
    )


def _about(file: Path) -> dict[str, object]:
    if not file.is_file():
        return {}
    try:
        about = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise TarsError(f"{file} is no JSON: {error}", hint='it says for instance {"edition": "2024"}') from error
    if not isinstance(about, dict) or about.get("edition", "2021") not in ("2015", "2018", "2021", "2024"):
        raise TarsError(f"{file} names no edition of Rust", hint='it says for instance {"edition": "2024"}')
    return about


def _mutated(path: Path, name: str, choice: Choice) -> Iterator[Case]:
    target = find_target(path)
    files = read_files(target)
    group = f"mutants/{name}"
    with open_checkers(target) as checkers:
        for mutant in mutants(files, checkers, choice.mutants):
            broken: Mapping[str, bytes] = mutant.files
            known: Mapping[str, bytes] = files
            if target.is_lone:
                broken, known = {ROOT: broken[target.root]}, {ROOT: files[target.root]}
            yield Case(
                name=f"{name}-{choice.mutants.seed}-{mutant.number:03}-{mutant.kind}",
                group=group,
                half=half_of(name),
                files=broken,
                known=known,
                edition=target.edition,
                crate=None if target.is_lone else target.folder,
                mutation=mutant.kind,
            )


def _documented(name: str, pages_of: Callable[[Path], tuple[Path, ...]]) -> list[Case]:
    documentation = toolchain_sources().documentation
    pages = pages_of(documentation) if documentation is not None else ()
    if not pages:
        raise UnavailableError("the toolchain's documentation is not on this machine", hint=MISSING_HINT)
    return [
        Case(
            name=pair.name,
            group=name,
            half=half_of(pair.name.rpartition("_")[0]),
            files={ROOT: pair.broken.encode()},
            known={ROOT: pair.fixed.encode()},
            edition=pair.edition,
        )
        for pair in _remembered_pairs(name, pages)
    ]


def _remembered_pairs(name: str, pages: tuple[Path, ...]) -> list[Pair]:
    """The pages' pairs. To prove them takes half a minute, so they are kept in the user's cache."""
    toolchain = find_toolchain(Path.cwd(), cargo=False)
    stamps = [(page.name, page.stat().st_size, page.stat().st_mtime_ns) for page in pages]
    key = hashlib.sha256(repr((PAIRS_FORMAT, toolchain.version, stamps)).encode()).hexdigest()[:16]
    file = default_root() / "rust-cases" / f"{name}-{key}.json"
    try:
        return [Pair(**one) for one in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        pass
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        found = [pair for pairs in threads.map(lambda page: list(pairs_of(page)), pages) for pair in pairs]
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps([as_dict(pair) for pair in found]), "utf-8")
    written.replace(file)
    return found
