"""What may be written at a place, from the schema that checks it: blocks, attributes, values, references, files."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.kinds import KIND_EXAMPLE, KIND_TEXT, AttributeType, BlockType, Kind
from tars.runner.toolchain import TOOLCHAINS
from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.cursor import Cursor, Frame, cursor_at
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.offers import Offer, fits
from tars.ui.lsp.values import of_reference, of_string, of_value

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_COMPLETION
OPTIONS: Final = types.CompletionOptions(trigger_characters=[".", '"', "/", "@", ":", "$", "{"])
ITEMS_MAX: Final = 200
"""An editor asks again as more is typed, so that a longer list only costs time."""
_QUOTED_KINDS: Final = frozenset(
    {Kind.PATH, Kind.PATHS, Kind.SOURCE, Kind.ENTRY_POINT, Kind.SCHEMA, Kind.INPUTS, Kind.STRING, Kind.STRINGS,
     Kind.DURATION, Kind.SIZE, Kind.CHOICE, Kind.SANDBOXES, Kind.LANGUAGE, Kind.PINS}
)  # fmt: skip


def answer(server: "Server", params: types.CompletionParams) -> types.CompletionList:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return types.CompletionList(False, [])
    offset = offset_of(sight, params.position)
    cursor = cursor_at(sight.document, offset)
    offers = [offer for offer in _offers(server, sight, cursor) if fits(offer.label, cursor.word)]
    offers.sort(key=lambda offer: (not offer.label.startswith(cursor.word), offer.rank, offer.label))
    at = range_of(sight.document, cursor.word_start, offset)
    items = [_item(offer, at, number, server.desk.snippets) for number, offer in enumerate(offers[:ITEMS_MAX])]
    return types.CompletionList(len(offers) > ITEMS_MAX, items)


def _offers(server: "Server", sight: Sight, cursor: Cursor) -> Iterable[Offer]:
    if cursor.kind == "statement":
        return _statements(cursor.blocks, sight)
    if cursor.kind == "label":
        return _labels(sight, cursor)
    known = _attribute(cursor)
    if cursor.kind == "string":
        return of_string(server, sight, cursor, known)
    if cursor.kind == "value":
        if cursor.chain:
            return of_reference(sight, cursor.chain, cursor.word)
        return of_value(sight, cursor, known)
    return ()


def _attribute(cursor: Cursor) -> AttributeType | None:
    if cursor.blocks:
        return schema.find_attribute(cursor.blocks[-1].type, cursor.attribute)
    if schema.pin_language(cursor.attribute):
        return AttributeType(cursor.attribute, Kind.PINS, "")
    return None


def _statements(blocks: list[Frame], sight: Sight) -> Iterator[Offer]:
    """The blocks and attributes that may stand in the innermost block, those left out that stand there already."""
    if not blocks:
        for name in schema.block_types(TOOLCHAINS.names()):
            found = schema.find_block(name)
            if found is not None:
                yield _block(name, found)
        for language in TOOLCHAINS.names():
            name = f"use_{schema.module_type(language)}"
            doc = "Pins modules to stored versions."
            yield Offer(name, types.CompletionItemKind.Property, "a pin", doc, f'{name} = "$1"', rank=3)
        return
    parent = blocks[-2].type if len(blocks) > 1 else ""
    known = schema.find_block(blocks[-1].type, parent)
    if known is None:
        return
    written = {schema.canonical_name(known.name, name) for name in blocks[-1].written}
    for attribute in known.attributes:
        if attribute.name not in written:
            yield _attribute_offer(attribute)
    for inner in known.blocks:
        if inner.many or inner.name not in written:
            yield _block(inner.name, inner)


def _block(name: str, block: BlockType) -> Offer:
    """The block with its labels, and with the attributes that it cannot do without."""
    labels = [f' "${{{number}:{label}}}"' for number, label in enumerate(block.labels[: block.labels_min], 1)]
    needed = [one for one in block.attributes if one.required or one.kind is Kind.SOURCE]
    lines = [f"  {one.name} = {_value(one, f'${number}')}\n" for number, one in enumerate(needed, len(labels) + 1)]
    text = f"{name}{''.join(labels)} {{\n{''.join(lines)}  $0\n}}"
    kind = types.CompletionItemKind.Class
    return Offer(name, kind, "block", f"{block.doc}\n\n```hcl\n{block.example}\n```" if block.example else block.doc,
                 text, f"{name} ", rank=1)  # fmt: skip


def _value(attribute: AttributeType, place: str) -> str:
    return f'"{place}"' if attribute.kind in _QUOTED_KINDS and attribute.kind is not Kind.INPUTS else place


def _attribute_offer(attribute: AttributeType) -> Offer:
    detail = KIND_TEXT[attribute.kind] + (" (required)" if attribute.required else "")
    return Offer(
        attribute.name, types.CompletionItemKind.Property, detail, describe(attribute),
        f"{attribute.name} = {_value(attribute, '$0')}", f"{attribute.name} = ", rank=0 if attribute.required else 2,
    )  # fmt: skip


def describe(attribute: AttributeType) -> str:
    """What an attribute means, as Markdown."""
    lines = [attribute.doc]
    if attribute.choices:
        lines.append("One of " + ", ".join(f'`"{choice}"`' for choice in attribute.choices) + ".")
    if attribute.default:
        lines.append(f"Default: {attribute.default}.")
    if attribute.aliases:
        lines.append("Also written " + ", ".join(f"`{alias}`" for alias in attribute.aliases) + ".")
    if attribute.kind in KIND_EXAMPLE:
        lines.append(f"```hcl\n{attribute.name} = {KIND_EXAMPLE[attribute.kind]}\n```")
    return "\n\n".join(lines)


def _labels(sight: Sight, cursor: Cursor) -> Iterator[Offer]:
    block = cursor.blocks[-1].type
    if block == "agentic":
        for language in TOOLCHAINS.names():
            yield Offer(language, types.CompletionItemKind.EnumMember, "a language")
    elif block == "evolve":
        for key in sight.document.index.declared:
            if key[0] == "module":
                yield Offer(key[1], types.CompletionItemKind.Module, "a module")


def _item(offer: Offer, at: types.Range, number: int, snippets: bool) -> types.CompletionItem:
    snippet = snippets and offer.snippet != ""
    text = offer.snippet if snippet else offer.plain or offer.label
    return types.CompletionItem(
        label=offer.label,
        kind=offer.kind,
        detail=offer.detail or None,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, offer.doc) if offer.doc else None,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(at, text),
        filter_text=offer.label,
        sort_text=f"{number:04}",
    )
