"""The form of the function whose arguments are being typed, and which of them it is."""

import re
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang.meaning.functions import FUNCTIONS, SPECIAL
from tars.ui.lsp.convert import offset_of

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_SIGNATURE_HELP
OPTIONS: Final = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")"])
_STEP: Final = re.compile(r'\\.|\$\$\{|[$%]\{|"|(?P<name>[^\W\d][\w-]*)\s*\(|[()\[\]{},]|(?:#|//)[^\n]*')
_PARAMETERS: Final = re.compile(r"\((?P<all>.*)\)")


def answer(server: "Server", params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return None
    offset = offset_of(sight, params.position)
    number = sight.document.piece_at(offset)
    found = call_at(sight.document.pieces[number].text[: offset - sight.document.starts[number]])
    if found is None:
        return None
    name, argument = found
    known = FUNCTIONS.get(name)
    signature, doc = (known.signature, known.doc) if known else SPECIAL.get(name, ("", ""))
    if not signature:
        return None
    names = _names(signature)
    last = len(names) - 1
    active = min(argument, last) if names and (argument <= last or names[last].endswith("…")) else None
    content = types.MarkupContent(types.MarkupKind.Markdown, doc)
    shown = [types.ParameterInformation(name) for name in names]
    return types.SignatureHelp([types.SignatureInformation(signature, content, shown, active)], 0, active)


def call_at(text: str) -> tuple[str, int] | None:
    """The function whose arguments the end of the text is among, and the number of the argument, from 0."""
    opened: list[list[str | int]] = []  # what is open: a bracket, `"`, or a function; and the commas so far
    for step in _STEP.finditer(text):
        word = step[0]
        in_text = bool(opened) and opened[-1][0] == '"'
        if in_text:
            if word == '"':
                opened.pop()
            elif word in ("${", "%{"):
                opened.append([word, 0])
        elif step["name"]:
            opened.append([f"call {step['name']}", 0])
        elif word in ('"', "(", "[", "{"):
            opened.append([word, 0])
        elif word in (")", "]", "}"):
            if opened:
                opened.pop()
        elif word == "," and opened:
            opened[-1][1] = int(opened[-1][1]) + 1
    for kind, commas in reversed(opened):
        if str(kind).startswith("call "):
            return str(kind)[5:], int(commas)
    return None


def _names(signature: str) -> list[str]:
    inside = _PARAMETERS.search(signature)
    return [name.strip() for name in inside["all"].split(",")] if inside and inside["all"].strip() else []
