"""Which modules a module takes data from, or waits for."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.calls import asked, item_of, needs

if TYPE_CHECKING:
    from tars.ui.lsp.lookup import Home
    from tars.ui.lsp.server import Server

METHOD: Final = types.CALL_HIERARCHY_OUTGOING_CALLS


def answer(
    server: "Server", params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    found = asked(server, params.item)
    if found is None:
        return None
    project, home = found
    places: dict[Home, list[types.Range]] = {}
    for needed, at in needs(project, home):
        places.setdefault(needed, []).append(at)
    items = ((item_of(server, project, needed), ranges) for needed, ranges in places.items())
    return [types.CallHierarchyOutgoingCall(item, ranges) for item, ranges in items if item is not None]
