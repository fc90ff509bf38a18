"""What the metascripts of a project say, for commands that need their settings, pins or modules but run nothing."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tars.core.errors import UsageError
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded, Metascript
from tars.runner.results import RUN_STARTED
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.store import Store
from tars.store.versions import latest_number, resolve, states_at
from tars.ui.cli.believing import believing
from tars.ui.cli.project import metascripts
from tars.ui.cli.recalling import recalling

_PIN = re.compile(r"\buse_\w+_module\s*=\s*(\[[^\]]*\]|[^\n]*)")
_TEXT = re.compile(r"\"([^\"\n]*)\"")
_REST = re.compile(r"(?:#|//).*|[\s\[\],]+")


def load_file(
    path: Path,
    project: Path,
    store: Store | None = None,
    variables: dict[str, str] | None = None,
    *,
    check_pins: bool = False,
    texts: Mapping[str, str] = {},
) -> Loaded:
    """Load one metascript as a run would. With `check_pins` each pin must be a version of the store; a project that
    has none yet has no versions. `texts` are what an editor has not saved yet, by path in the project."""

    def version_of(pin: str) -> str | None:
        if store is None:
            return None
        try:
            number, state = resolve(store, pin)
        except UsageError:
            return None
        return f"{state.name}@v{number}"

    return load(
        path,
        project=project,
        languages=TOOLCHAINS,
        variables=variables or {},
        resolve_version=version_of if check_pins else None,
        sandboxes=SANDBOXES,
        around=Around(texts=texts, recall=recalling(project), believed=believing(project, path)),
    )


def output_folders(project: Path, store: Store | None = None) -> list[Path]:
    """The output folders of the project, as its metascripts say; with its store also those elsewhere that were run."""
    named = {one.settings.output for one in _without_errors(project, store)} or {"output"}
    return sorted(project / name for name in named)


def retention(project: Path, store: Store) -> int:
    """How many versions the metascripts' settings keep: the most that one of them asks for, 0 where none does."""
    return max((one.settings.retention for one in _without_errors(project, store)), default=0)


def pinned_versions(project: Path, store: Store) -> set[int]:
    """The versions that a metascript of the project pins, also one with errors. Raises `UsageError` where it cannot be
    known which one that is."""
    known = states_at(store, latest_number(store))
    pins: set[str] = set()
    for path in _metascripts(project, store):
        loaded = load_file(path, project)
        if loaded.metascript is not None:
            pins.update(module.pin for module in loaded.metascript.modules if module.pin)
            continue
        for place, text in (loaded.texts or {path.name: text_of(path)}).items():
            for name, _, wanted in (pin.partition("@") for pin in _pins_in(text, place)):
                # What an include is called, and so the beginning of the module's name, is not known here.
                pins.update(f"{one}@{wanted}" for one in known if one == name or one.endswith(f".{name}"))
    numbers: set[int] = set()
    for pin in pins:
        with suppress(UsageError):  # there is no such version, or none any more
            numbers.add(resolve(store, pin)[0])
    return numbers


def _metascripts(project: Path, store: Store | None) -> list[Path]:
    """The metascripts in the project's folder, and those elsewhere in the project that were run."""
    found = metascripts(project)
    if store is None:
        return found
    run = {project / str(row[3]) for row in store.journal.rows(RUN_STARTED)}
    return found + sorted(path for path in run.difference(found) if path.is_file())


def _without_errors(project: Path, store: Store | None) -> list[Metascript]:
    loaded = (load_file(path, project).metascript for path in _metascripts(project, store))
    return [one for one in loaded if one is not None]


def _pins_in(text: str, place: str) -> list[str]:
    """The pins in the text of a metascript that cannot be loaded."""
    found: list[str] = []
    for value in _PIN.findall(text):
        pins = _TEXT.findall(value)
        if not pins or _REST.sub("", _TEXT.sub("", value)) or any(sign in pin for pin in pins for sign in "$%\\"):
            raise UsageError(
                f"`{place}` cannot be loaded, and which version it pins cannot be told from its text: {value.strip()}",
                hint="`tarscli check` tells what is wrong with it; `TARS_VAR_name` gives a variable its value",
            )
        found += pins
    return found


def text_of(path: Path) -> str:
    """The text of a metascript. Raises `UsageError` where it cannot be read as one."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"`{path}` cannot be read: {error}", hint="`tarscli check` tells what is wrong with it"
        ) from error
