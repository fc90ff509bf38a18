"""Applies patches to metascripts: operations on blocks, attributes and edges, found by address in the syntax tree.

A block's address is its type and its first label, `python_module.rank`; a belief's is `belief_graph.lab.cache`.
Comments stay where they are, and what parses comes out in canonical form.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tars.core.near import close_matches
from tars.evolve.errors import PatchError
from tars.evolve.patch import Op, Patch
from tars.lang.forms.format import format_text
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block, Body, File, Literal, Tuple

_WORD: Final = re.compile(r"[A-Za-z_][\w-]*")


def apply_to_metascript(text: str, patch: Patch) -> str:
    """The metascript after the patch. Raises `PatchError` where an operation names nothing that is there."""
    for one in patch.ops:
        apply = _APPLY.get(one.kind)
        if apply is None:
            raise PatchError(f"`{one.kind}` is an operation on sources, and this is a metascript")
        text = apply(parse(text), one)
    return text if parse(text).diagnostics else format_text(text)


def blocks_of(file: File) -> Iterator[tuple[str, Block]]:
    """Every block with its address, outer ones first."""

    def within(body: Body, prefix: str) -> Iterator[tuple[str, Block]]:
        for item in body.items:
            if isinstance(item, Block):
                label = item.labels[0].text if item.labels else ""
                inner = f"{prefix}.{label or item.type}"
                address = inner if prefix else f"{item.type}.{label}" if label else item.type
                yield address, item
                yield from within(item.body, address)

    yield from within(file.body, "")


def attribute_of(block: Block, name: str) -> Attribute | None:
    return next((one for one in block.body.items if isinstance(one, Attribute) and one.name == name), None)


def chain_in(block: Block | None) -> tuple[str, ...] | None:
    """The sandboxes that a block names; empty where it names none, and None where the text alone does not tell."""
    inside = block.body.items if block is not None else ()
    given = [one for one in inside if isinstance(one, Attribute) and one.name == "sandbox"]
    if len(given) != 1:
        return None if given else ()
    value = given[0].value
    items = value.items if isinstance(value, Tuple) else (value,)
    named = [one.value for one in items if isinstance(one, Literal) and isinstance(one.value, str)]
    return tuple(named) if len(named) == len(items) else None


def references_in(file: File, address: str) -> list[tuple[int, int]]:
    """Where the address is named: not as a part of a longer name."""
    pattern = re.compile(rf"(?<![\w.-]){re.escape(address)}(?![\w-])")
    return [(found.start(), found.end()) for found in pattern.finditer(file.text)]


def written(value: Any) -> str:
    """A JSON value as an expression; a text that is a reference in `${…}` alone becomes the reference."""
    if isinstance(value, str):
        inner = re.fullmatch(r"\$\{([\w.\-\[\]\"]+)\}", value)
        return inner[1] if inner else json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {written(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


def _node(file: File, address: str) -> Block:
    known = dict(blocks_of(file))
    if address in known:
        return known[address]
    near = close_matches(address, known, n=1)
    raise PatchError(f"there is no node `{address}`", hint=f"did you mean `{near[0]}`?" if near else "")


def _set_attribute(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    name, value = one.text("attribute"), written(one.arguments["value"])
    if not _WORD.fullmatch(name):
        raise PatchError(f"`{name}` is no name of an attribute")
    return _with(file, block, name, value)


def _with(file: File, block: Block, name: str, value: str) -> str:
    held = attribute_of(block, name)
    if held is not None:
        return _put(file.text, held.value.start, held.value.end, value)
    start = (
        file.text.index("{", block.header_end - 1) + 1 if file.text[block.header_end - 1] != "{" else block.header_end
    )
    return _put(file.text, start, start, f"\n  {name} = {value}\n")


def _remove_attribute(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    held = attribute_of(block, one.text("attribute"))
    if held is None:
        raise PatchError(f"`{one.text('node')}` has no attribute `{one.text('attribute')}`")
    return _without(file.text, held.start, held.end)


def _rename_attribute(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    held = attribute_of(block, one.text("attribute"))
    if held is None or not _WORD.fullmatch(one.text("name")):
        raise PatchError(f"`{one.text('node')}` has no attribute `{one.text('attribute')}`, or the new name is none")
    return _put(file.text, held.start, held.start + len(held.name), one.text("name"))


def _rename_node(file: File, one: Op) -> str:
    found = [block for address, block in blocks_of(file) if address == one.text("node")]
    which = int(one.arguments.get("which", 0))
    if not 0 <= which < len(found) or not found[which].labels:
        raise PatchError(f"there is no node `{one.text('node')}` number {which}")
    label = found[which].labels[0]
    return _put(file.text, label.start, label.end, json.dumps(one.text("name")))


def _add_edge(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    _node(file, one.text("needs"))
    held = attribute_of(block, "depends_on")
    if held is None:
        return _with(file, block, "depends_on", f"[{one.text('needs')}]")
    if not isinstance(held.value, Tuple):
        raise PatchError(f"`depends_on` of `{one.text('node')}` is no list")
    listed = [file.text[item.start : item.end] for item in held.value.items]
    return _with(file, block, "depends_on", f"[{', '.join([*listed, one.text('needs')])}]")


def _remove_edge(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    held = attribute_of(block, "depends_on")
    listed = (
        [file.text[item.start : item.end] for item in held.value.items]
        if held and isinstance(held.value, Tuple)
        else []
    )
    if held is None or one.text("needs") not in listed:
        raise PatchError(
            f"`{one.text('node')}` does not wait for `{one.text('needs')}` by `depends_on`",
            hint="data says it otherwise",
        )
    listed.remove(one.text("needs"))
    if not listed:
        return _without(file.text, held.start, held.end)
    return _put(file.text, held.value.start, held.value.end, f"[{', '.join(listed)}]")


def _reroute_edge(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    places = [
        place
        for place in references_in(file, one.text("needs"))
        if block.body.start <= place[0] and place[1] <= block.end
    ]
    if not places:
        raise PatchError(f"`{one.text('node')}` does not refer to `{one.text('needs')}`")
    text = file.text
    for start, end in reversed(places):
        text = _put(text, start, end, one.text("instead"))
    return text


def _insert_node(file: File, one: Op) -> str:
    attributes = one.arguments["attributes"]
    address = f"{one.text('block')}.{one.text('name')}"
    if not _WORD.fullmatch(one.text("block")) or not isinstance(attributes, Mapping):
        raise PatchError("a node has a type, and its attributes by name")
    if any(known == address for known, _ in blocks_of(file)):
        raise PatchError(f"there is a node `{address}` already")
    lines = "".join(
        f"  {name} = {written(value)}\n" for name, value in attributes.items() if _WORD.fullmatch(str(name))
    )
    return f"{file.text.rstrip()}\n\n{one.text('block')} {json.dumps(one.text('name'))} {{\n{lines}}}\n"


def _delete_node(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    used = [place for place in references_in(file, one.text("node")) if not block.start <= place[0] < block.end]
    if used:
        raise PatchError(f"`{one.text('node')}` is still referred to", hint="reroute its users first")
    return _without(file.text, block.start, block.end)


def _merge_nodes(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    _node(file, one.text("into"))
    text = file.text
    for start, end in reversed(references_in(file, one.text("node"))):
        if not block.start <= start < block.end:
            text = _put(text, start, end, one.text("into"))
    return _delete_node(parse(text), Op("delete-node", {"node": one.text("node")}))


def _split_node(file: File, one: Op) -> str:
    block = _node(file, one.text("node"))
    held, output = attribute_of(block, "input"), attribute_of(block, "output")
    if held is None or not isinstance(held.value, Tuple) or output is None or not block.labels:
        raise PatchError(f"`{one.text('node')}` has no list of inputs and one output, so it cannot be split")
    listed = [file.text[item.start : item.end] for item in held.value.items]
    taken = [str(each) for each in one.arguments["inputs"]]
    rest = [each for each in listed if each not in taken]
    if not taken or not rest or not set(taken) <= set(listed):
        raise PatchError(f"each half of `{one.text('node')}` needs inputs of its own")
    half = file.text[block.start : block.end]
    edits = [
        (block.labels[0].start, block.labels[0].end, json.dumps(one.text("name"))),
        (held.value.start, held.value.end, f"[{', '.join(taken)}]"),
        (output.value.start, output.value.end, json.dumps(one.text("output"))),
    ]
    for start, end, new in sorted(edits, reverse=True):
        half = _put(half, start - block.start, end - block.start, new)
    text = f"{file.text.rstrip()}\n\n{half}\n"
    both = f"{one.text('node')}.output", f"{block.type}.{one.text('name')}.output"
    edits = [(held.value.start, held.value.end, f"[{', '.join(rest)}]")]
    for start, end in references_in(file, both[0]):
        bracket = file.text[:start].rstrip().endswith(("[", ","))
        edits.append((start, end, ", ".join(both) if bracket else f"[{', '.join(both)}]"))
    for start, end, new in sorted(edits, reverse=True):
        text = _put(text, start, end, new)
    return text


def _mend(file: File, one: Op) -> str:
    found = [each for each in file.diagnostics if each.code == one.text("code") and each.fix]
    which = int(one.arguments["which"])
    if not 0 <= which < len(found):
        raise PatchError(f"there is no finding {one.text('code')} number {which} that offers a mend")
    text = file.text
    for edit in sorted(found[which].fix, key=lambda each: each.span.start, reverse=True):
        text = _put(text, edit.span.start, edit.span.end, edit.text)
    return text


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _without(text: str, start: int, end: int) -> str:
    """Without the range, and without its line where nothing else stands there."""
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop + 1
    if not text[line:start].strip() and not text[end:stop].strip():
        return text[:line] + text[stop:]
    return text[:start] + text[end:]


_APPLY: Final[Mapping[str, Callable[[File, Op], str]]] = {
    "set-attribute": _set_attribute,
    "remove-attribute": _remove_attribute,
    "rename-attribute": _rename_attribute,
    "rename-node": _rename_node,
    "add-edge": _add_edge,
    "remove-edge": _remove_edge,
    "reroute-edge": _reroute_edge,
    "insert-node": _insert_node,
    "delete-node": _delete_node,
    "split-node": _split_node,
    "merge-nodes": _merge_nodes,
    "mend": _mend,
}
