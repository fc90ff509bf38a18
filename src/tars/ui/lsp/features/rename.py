"""Gives a name another spelling wherever it stands, in all metascripts of the project."""

import re
from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.lookup import home_of, name_at, occurrences

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_RENAME
OPTIONS: Final = types.RenameOptions(prepare_provider=True)
_NAME: Final = re.compile(r"[^\W\d][\w-]{0,99}")


def answer(server: "Server", params: types.RenameParams) -> types.WorkspaceEdit:
    sight = server.desk.sight(params.text_document.uri)
    found = name_at(sight, offset_of(sight, params.position)) if sight else None
    home = home_of(sight.project, sight.path, found[0].key) if sight and found else None
    if sight is None or home is None:
        raise JsonRpcInvalidParams("there is no name here that could be renamed")
    if not _NAME.fullmatch(params.new_name):
        raise JsonRpcInvalidParams("a name is a letter followed by letters, digits, `_` and `-`, at most 100 in all")
    document = sight.project.document(home.path)
    taken = (*home.key[:-1], params.new_name)
    if document is not None and taken != home.key and taken in document.index.declared:
        raise JsonRpcInvalidParams(f"there is already a {home.key[0].replace('_', ' ')} called `{params.new_name}`")
    if document is None or home.key not in document.index.declared:
        raise JsonRpcInvalidParams(f"`{home.key[-1]}` is not declared anywhere; declare it first")
    if home.key[0] == "include" and not _has_as(document.text, home.key[1]):
        raise JsonRpcInvalidParams('this namespace is the file\'s name; give it another with `as = "…"`')
    changes: dict[str, list[types.TextEdit]] = {}
    for one in dict.fromkeys(occurrences(sight.project, home)):
        at = sight.project.document(one.path)
        if at is not None:
            edit = types.TextEdit(range_of(at, one.start, one.end), params.new_name)
            changes.setdefault(server.desk.uri(sight.project, one.path), []).append(edit)
    return types.WorkspaceEdit(changes)


def _has_as(text: str, name: str) -> bool:
    return re.search(rf'\bas[ \t]*=[ \t]*"{re.escape(name)}"', text) is not None
