"""A seam: one kind of plug-in, found by name in a folder of this package or as an entry point of another package."""

import importlib
import os
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ducktools.classbuilder.prefab import prefab

from tars.core.errors import TarsError, UnavailableError, UsageError
from tars.core.near import close_matches

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

P = TypeVar("P")


@prefab(frozen=True)
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
        third-party one of the same name: installing a package never changes what TARS itself does. Whatever a
        third-party one raises, now or when it is used, is an `UnavailableError` that names its package.
        """
        if name in _built_in(self.package):
            return cast(P, _built_in_plugin(self.package, name))
        if name in _third_party(self.group):
            return cast(P, _guarded(self.noun, self.group, name))
        near = close_matches(name, self.names(), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(self.names())}"
        raise UsageError(f"there is no {self.noun} `{name}`", hint=hint)


class _Guarded:
    """A plug-in of another package, whose mistakes are told as such and end nothing but its own use."""

    def __init__(self, plugin: object, about: str, package: str) -> None:
        self._plugin, self._about, self._package = plugin, about, package

    def __getattr__(self, name: str) -> Any:
        value = self._checked(getattr, self._plugin, name)
        if not callable(value):
            return value
        return lambda *given, **named: self._checked(value, *given, **named)

    def _checked(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        try:
            return act(*given, **named)
        except TarsError:
            raise
        except Exception as error:
            raise _broken(self._about, self._package, error) from error


@cache
def _guarded(noun: str, group: str, name: str) -> _Guarded:
    point = _points(group)[name]
    package = point.dist.name if point.dist else "unknown"
    about = f"{noun} `{name}` of package {package} {point.dist.version if point.dist else ''}".rstrip()
    try:
        plugin = point.load()
        if plugin.name != name:
            raise ValueError(f"it calls itself {plugin.name!r}")
    except Exception as error:
        raise _broken(about, package, error) from error
    return _Guarded(plugin, about, package)


def _broken(about: str, package: str, error: Exception) -> UnavailableError:
    said = " ".join(str(error).split())
    what = f"the {about} does not work: {type(error).__name__}{': ' if said else ''}{said}"
    return UnavailableError(what, hint=f"install a newer version of it, or remove it: pip uninstall {package}")


@cache
def _built_in_plugin(package: str, name: str) -> object:
    return importlib.import_module(f"{package}.{name}").PLUGIN


@cache
def _built_in(package: str) -> frozenset[str]:
    folders = importlib.import_module(package).__path__
    files = (entry for folder in folders for entry in os.listdir(folder))
    return frozenset(file[:-3] for file in files if file.endswith(".py") and not file.startswith("_"))


@cache
def _points(group: str) -> "dict[str, EntryPoint]":
    """The entry points of a group by name. Where two packages bring one name, the first package by its name does."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and most runs need no third-party plug-in

    points = sorted(entry_points(group=group), key=lambda point: point.dist.name if point.dist else "", reverse=True)
    return {point.name: point for point in points}


def _third_party(group: str) -> frozenset[str]:
    return frozenset(_points(group))
