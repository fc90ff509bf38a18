"""Which modules take a module's data, or wait for it."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.calls import asked, item_of, users

if TYPE_CHECKING:
    from tars.ui.lsp.lookup import Home
    from tars.ui.lsp.server import Server

METHOD: Final = types.CALL_HIERARCHY_INCOMING_CALLS


def answer(
    server: "Server", params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    found = asked(server, params.item)
    if found is None:
        return None
    project, home = found
    places: dict[Home, list[types.Range]] = {}
    for user, at in users(project, home):
        places.setdefault(user, []).append(at)
    items = ((item_of(server, project, user), ranges) for user, ranges in places.items())
    return [types.CallHierarchyIncomingCall(item, ranges) for item, ranges in items if item is not None]
