"""What one editor has open: its documents, their projects, and the findings of each metascript as they stand."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ducktools.classbuilder.prefab import Prefab

from tars.lang.syntax.pieces import Change
from tars.lang.values import Loaded
from tars.runner.workspace import find_project
from tars.ui.lsp.checking import Checked, Found, check_whole, examine, is_small, placed, recheck, tell_errors
from tars.ui.lsp.closure import PIECES_MAX
from tars.ui.lsp.documents import UTF_16, Document
from tars.ui.lsp.projects import Project


class Sight(Prefab, frozen=True):
    """A document that a request is about, with its project and its path in it."""

    project: Project
    path: str
    document: Document


class Snapshot(Prefab, frozen=True):
    """The texts of a project at one moment, to be checked as a whole elsewhere."""

    project: Project
    path: str
    texts: Mapping[str, str]
    serials: Mapping[str, int]


class Desk:
    """Everything that is open. Not safe for threads: one thread alone changes it."""

    def __init__(self, encoding: str = UTF_16) -> None:
        self.encoding = encoding
        self.snippets = False
        """Whether the editor understands completions with places to fill in."""
        self.creates = False
        """Whether the editor creates files where a mend needs one."""
        self.projects: dict[Path, Project] = {}
        self.checked: dict[tuple[Path, str], Checked] = {}
        self._uris: dict[tuple[Path, str], str] = {}
        self._open: dict[str, tuple[Project, str]] = {}
        """Where what is open was found; folders that come and go meanwhile do not change that."""

    def sight(self, uri: str) -> Sight | None:
        """What a request about `uri` is about; None for what is not open and for what is no file."""
        located = self.located(uri)
        if located is None:
            return None
        project, path = located
        document = project.open.get(path)
        return Sight(project, path, document) if document else None

    def located(self, uri: str) -> tuple[Project, str] | None:
        """The project of a file and its path in it, whether it is open or not; None for what is no file of one."""
        return self._open.get(uri) or self._locate(uri)

    def uri(self, project: Project, path: str) -> str:
        """The address of a file of a project: as the editor wrote it, where it has it open."""
        return self._uris.get((project.root, path)) or (project.root / path).as_uri()

    def open(self, uri: str, text: str, version: int) -> Sight | None:
        """Take a document that the editor has opened."""
        located = self._locate(uri)
        if located is None:
            return None
        project, path = located
        document = project.open[path] = Document(text, path, self.encoding, version)
        self._uris[project.root, path] = uri
        self._open[uri] = located
        return Sight(project, path, document)

    def close(self, uri: str) -> Sight | None:
        """Let go of a document; from then on the disk counts. Returns what was open."""
        sight = self.sight(uri)
        if sight is not None:
            del sight.project.open[sight.path]
            self._open.pop(uri, None)
            self.checked.pop((sight.project.root, sight.path), None)
        return sight

    def roots(self, project: Project, path: str) -> list[str]:
        """The open metascripts whose meaning the document at a path is part of; itself first."""
        return sorted((root for root in project.open if path in project.reach(root)), key=lambda root: root != path)

    def check(self, sight: Sight, changes: Iterable[Change] | None) -> tuple[set[str], list[str]]:
        """Check what a change bears on, the whole where `changes` is None or the metascript is small.

        Returns the paths whose findings may be others now, and the metascripts that a check of the whole is due for.
        """
        stale: set[str] = set()
        due: list[str] = []
        for root in self.roots(sight.project, sight.path):
            key = (sight.project.root, root)
            known = self.checked.get(key)
            if is_small(sight.project, root):
                self.checked[key] = check_whole(sight.project, root)
                stale |= self.checked[key].paths() | (known.paths() if known else set())
                continue
            due.append(root)
            if changes is not None:
                known = self.checked.setdefault(key, Checked())
                for change in changes:
                    if len(change.added) > PIECES_MAX:
                        continue  # what replaces so much is for the check of the whole
                    if sight.document.read:
                        recheck(sight.project, root, {sight.path: change}, known)
                    else:
                        tell_errors(sight.path, change.added, known)
                stale |= {sight.path}
        return stale, due

    def reread(self, project: Project, path: str) -> set[str]:
        """Tell the syntax errors of a document that was read as a whole; the paths whose findings may be others now."""
        document = project.open[path]
        for root in self.roots(project, path):
            tell_errors(path, document.pieces, self.checked.setdefault((project.root, root), Checked()))
        return {path} if any(piece.diagnostics for piece in document.pieces) else set()

    def snapshot(self, project: Project, path: str) -> Snapshot:
        serials = {each: document.serial for each, document in project.open.items()}
        return Snapshot(project, path, project.texts(), serials)

    def accept(self, snapshot: Snapshot, loaded: Loaded) -> set[str] | None:
        """Take the findings of a whole check; None where a text has changed meanwhile."""
        project = snapshot.project
        if {path: document.serial for path, document in project.open.items()} != snapshot.serials:
            return None
        key = (project.root, snapshot.path)
        before = self.checked.get(key)
        self.checked[key] = placed(project, loaded)
        return self.checked[key].paths() | (before.paths() if before else set())

    def findings(self, project: Project, path: str) -> list[Found]:
        """The findings in a file, each once, whichever metascripts include it, in the order of their places."""
        document = project.document(path)
        if document is None:
            return []
        unique: dict[tuple[object, ...], Found] = {}
        numbers = document.numbers
        for (root, _), checked in self.checked.items():
            if root == project.root:
                for piece, found in checked.found.get(path, {}).items():
                    for one in found if id(piece) in numbers else ():
                        key = (one.diagnostic.code, numbers[id(piece)], one.spot.start, one.spot.end)
                        unique.setdefault(key, one)
        return [unique[key] for key in sorted(unique, key=lambda key: (key[1], key[2], key[3], key[0]))]

    def _locate(self, uri: str) -> tuple[Project, str] | None:
        file = path_of(uri)
        if file is None:
            return None
        root = find_project(file.parent)
        project = self.projects.get(root)
        if project is None:
            project = self.projects[root] = Project(root, self.encoding)
        path = project.relative(file)
        return (project, path) if path is not None else None


def whole(snapshot: Snapshot) -> Loaded:
    """Check a snapshot; changes nothing of the desk, so that another thread may do it."""
    return examine(snapshot.project, snapshot.path, snapshot.texts)


def path_of(uri: str) -> Path | None:
    """The file that a `file:` address names."""
    try:
        parts = urlsplit(uri)
        path = unquote(parts.path)
        if parts.scheme != "file" or not path or "\0" in path:
            return None
        return Path(path[1:] if len(path) > 2 and path[2] == ":" else path)
    except ValueError:
        return None
