"""A seam: one kind of plug-in, found by name in a folder of this package or as an entry point of another package."""

import importlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from tars.core.errors import UsageError
from tars.core.near import close_matches

P = TypeVar("P")


@dataclass(frozen=True)
class Seam(Collection[str], Generic[P]):
    """The plug-ins of one kind, a collection of their names.

    Built in: `<package>/<name>.py` holding `PLUGIN`. Third party: the entry point `<name>` in `group`.
    Listing names imports no plug-in, so one that misses a dependency hurts only its user; asking for a
    built-in name does not look at other packages at all.
    """

    noun: str
    package: str
    group: str

    def __contains__(self, name: object) -> bool:
        return name in _built_in(self.package) or name in _third_party(self.group)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted({*_built_in(self.package), *_third_party(self.group)}))

    def load(self, name: str) -> P:
        """The plug-in of that name.

        Raises `UsageError` with the nearest known name when there is none. A built-in plug-in wins over a
        third-party one of the same name: installing a package never changes what TARS itself does.
        """
        plugin: P
        if name in _built_in(self.package):
            plugin = importlib.import_module(f"{self.package}.{name}").PLUGIN
            return plugin
        if name in _third_party(self.group):
            from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and only third-party plug-ins need it

            plugin = next(iter(entry_points(group=self.group, name=name))).load()
            return plugin
        near = close_matches(name, self.names(), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(self.names())}"
        raise UsageError(f"there is no {self.noun} `{name}`", hint=hint)


@cache
def _built_in(package: str) -> frozenset[str]:
    folders = importlib.import_module(package).__path__
    files = (entry for folder in folders for entry in os.listdir(folder))
    return frozenset(file[:-3] for file in files if file.endswith(".py") and not file.startswith("_"))


@cache
def _third_party(group: str) -> frozenset[str]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and most runs need no third-party plug-in

    return frozenset(point.name for point in entry_points(group=group))
