"""What the metascripts of a project say, for commands that need their settings, pins or modules but run nothing."""

import re
from collections.abc import Mapping
from pathlib import Path

from tars.core.errors import UsageError
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded, Metascript
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.store import Store
from tars.store.versions import resolve
from tars.ui.cli.believing import believing
from tars.ui.cli.project import metascripts
from tars.ui.cli.recalling import recalling

_PIN = re.compile(r"\buse_\w+_module\s*=\s*\"([^\"]+)\"")


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


def loaded_metascripts(project: Path) -> list[Metascript]:
    """The metascripts in the project's folder that have no errors."""
    found = (load_file(path, project).metascript for path in metascripts(project))
    return [one for one in found if one is not None]


def output_folders(project: Path) -> list[Path]:
    """The output folders of the project, as its metascripts say."""
    named = {one.settings.output for one in loaded_metascripts(project)} or {"output"}
    return sorted(project / name for name in named)


def retention(project: Path) -> int:
    """How many versions the metascripts' settings keep: the most that one of them asks for, 0 where none does."""
    return max((one.settings.retention for one in loaded_metascripts(project)), default=0)


def pinned_versions(project: Path, store: Store) -> set[int]:
    """The versions that a metascript of the project pins, read from the text so that a broken one counts as well."""
    numbers: set[int] = set()
    for path in metascripts(project):
        for pin in _PIN.findall(path.read_text(encoding="utf-8", errors="replace")):
            try:
                numbers.add(resolve(store, pin)[0])
            except UsageError:
                continue
    return numbers


def text_of(path: Path) -> str:
    """The text of a metascript. Raises `UsageError` where it cannot be read as one."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"`{path}` cannot be read: {error}", hint="`tarscli check` tells what is wrong with it"
        ) from error
