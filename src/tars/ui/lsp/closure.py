"""Which pieces of a metascript an edit bears on: what it names, what names it, and all that those rest on.

Those pieces alone are a metascript with the same findings in them as the whole one has: the checks are run on it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from tars.core.near import close_matches
from tars.lang.syntax.pieces import Change, Piece
from tars.ui.lsp.names import Index, Key, names_in
from tars.ui.lsp.projects import Project

PIECES_MAX: Final = 200
"""So many pieces are checked at once; where an edit bears on more, the rest has to wait for a check of the whole."""
_ALIKE_MAX: Final = 300

Chosen = dict[str, dict[Piece, None]]


def touched(project: Project, path: str, changes: Mapping[str, Change]) -> tuple[Chosen, bool]:
    """The pieces by file that must be checked again after the changes, and whether these are all of them."""
    wide = _Closure(project, path)
    if wide.grow(changes, with_users=True):
        return wide.chosen, True
    narrow = _Closure(project, path)
    narrow.grow(changes, with_users=False)
    return narrow.chosen, False


class _Closure:
    def __init__(self, project: Project, path: str) -> None:
        self.files = project.reach(path)
        self.indexes: dict[str, Index] = {
            file: document.index for file in self.files if (document := project.document(file))
        }
        self.includers: dict[str, list[tuple[str, str]]] = {}
        for file, included in self.files.items():
            for namespace, target in included.items():
                self.includers.setdefault(target, []).append((file, namespace))
        self.chosen: Chosen = {file: {} for file in self.indexes}
        self.count = 0

    def grow(self, changes: Mapping[str, Change], *, with_users: bool) -> bool:
        """Choose what must be; False as soon as that is too much."""
        needed: list[tuple[str, Key]] = []
        for file, index in self.indexes.items():
            for piece in index.common:
                self._choose(file, piece)
                needed += [(file, named.key) for named in names_in(piece).used]
        using: list[tuple[str, Key]] = []
        for file, change in changes.items():
            if file not in self.indexes:
                continue
            for piece in change.added:
                self._choose(file, piece)
            for piece in (*change.added, *change.removed):
                names = names_in(piece)
                needed += [(file, named.key) for named in (*names.used, *names.declared)]
                using += [(file, named.key) for named in names.declared]
            if with_users and _heals(change):
                for piece in self._unresolved(self.indexes[file]):
                    self._choose(file, piece)
                    needed += [(file, named.key) for named in names_in(piece).used]
        if with_users and not self._add_users(using, needed):
            return False
        return self._add_needs(needed)

    def _choose(self, file: str, piece: Piece) -> bool:
        if piece in self.chosen[file]:
            return False
        self.chosen[file][piece] = None
        self.count += 1
        return True

    def _add_users(self, waiting: list[tuple[str, Key]], needed: list[tuple[str, Key]]) -> bool:
        seen: set[tuple[str, Key]] = set()
        while waiting:
            if self.count > PIECES_MAX:
                return False
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            file, key = at
            for namespace_file, namespace in self.includers.get(file, ()):
                waiting.append((namespace_file, ("in", namespace, *key)))
            index = self.indexes.get(file)
            holders = index.used.get(key, {}) if index else {}
            if len(holders) > PIECES_MAX:
                return False
            for piece in holders:
                if self._choose(file, piece):
                    names = names_in(piece)
                    waiting += [(file, named.key) for named in names.declared]
                    needed += [(file, named.key) for named in (*names.used, *names.declared)]
        return True

    def _add_needs(self, waiting: list[tuple[str, Key]]) -> bool:
        seen: set[tuple[str, Key]] = set()
        while waiting:
            if self.count > PIECES_MAX:
                return False
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            file, key = self._home(*at)
            index = self.indexes.get(file)
            if index is None:
                continue
            holders: Iterable[Piece] = index.declared.get(key, {})
            if not holders and key[0] not in ("path", "include"):
                holders = _alike(index, key)
            for piece in holders:
                if self._choose(file, piece):
                    names = names_in(piece)
                    waiting += [(file, named.key) for named in (*names.used, *names.declared)]
        return True

    def _home(self, file: str, key: Key) -> tuple[str, Key]:
        """The file that declares what a name with namespaces before it stands for, and its name there."""
        while key[0] == "in":
            inner = self.files.get(file, {}).get(key[1])
            if inner is None:
                return "", key
            file, key = inner, key[2:]
        return file, key

    def _unresolved(self, index: Index) -> list[Piece]:
        return [piece for key in index.missing if key[0] != "path" for piece in index.used[key]]


def _heals(change: Change) -> bool:
    """Whether a syntax error came or went: in a file that has one, names that are not found are not told."""
    return any(piece.diagnostics for piece in change.added) != any(piece.diagnostics for piece in change.removed)


def _alike(index: Index, key: Key) -> list[Piece]:
    """The piece that declares the name most like one that is not declared: "did you mean" must see it."""
    kind, name = key[0], key[-1]
    near = [each[-1] for each in index.declared if each[0] == kind and abs(len(each[-1]) - len(name)) <= 2]
    near = sorted(near, key=lambda each: (each[:1] != name[:1], each[-1:] != name[-1:]))[:_ALIKE_MAX]
    return [piece for match in close_matches(name, near, n=1) for piece in index.declared.get((*key[:-1], match), {})]
