"""Has the paths in metascripts follow files and folders that an editor is about to give other names."""

from posixpath import join, normpath, relpath
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import range_of
from tars.ui.lsp.desk import path_of
from tars.ui.lsp.features.document_link import paths_in
from tars.ui.lsp.projects import Project

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.WORKSPACE_WILL_RENAME_FILES
OPTIONS: Final = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**"), scheme="file")]
)


def answer(server: "Server", params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
    changes: dict[str, list[types.TextEdit]] = {}
    for renamed in params.files:
        old, new = path_of(renamed.old_uri), path_of(renamed.new_uri)
        for project in list(server.desk.projects.values()):
            before = project.relative(old) if old else None
            after = project.relative(new) if new else None
            if before is None or after is None or ".." in after.split("/"):
                continue  # what leaves the project cannot be named in it
            for path in project.metascripts():
                edits = _edits(project, path, before, after)
                if edits:  # a project within another is seen twice
                    changes[server.desk.uri(project, path)] = edits
    return types.WorkspaceEdit(changes) if changes else None


def _edits(project: Project, path: str, before: str, after: str) -> list[types.TextEdit]:
    document = project.document(path)
    folder = path.rpartition("/")[0]
    last = before.rpartition("/")[2]
    found = []
    for number, piece in enumerate(document.pieces if document else ()):
        for literal in paths_in(piece.items) if last in piece.text else ():
            written, colon, name = str(literal.value).partition(":")
            named = normpath(join(folder, written))
            if document is None or not (named == before or named.startswith(f"{before}/")):
                continue
            text = _relative(after + named[len(before) :], folder, written) + colon + name
            start, end = literal.start - piece.origin + 1, literal.end - piece.origin - 1
            if piece.text[start:end] == str(literal.value):  # one with escapes is left to its writer
                base = document.starts[number]
                found.append(types.TextEdit(range_of(document, base + start, base + end), text))
    return found


def _relative(path: str, folder: str, written: str) -> str:
    """The path from the metascript's folder, with the `./` or the `/` that it was written with."""
    text = relpath(path, folder or ".")
    start = "./" if written.startswith("./") and not text.startswith("../") else ""
    return start + text + ("/" if written.endswith("/") else "")
