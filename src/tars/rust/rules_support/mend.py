"""The shape of most repair rules: a diagnostic, seen at the place that it points at, gives patches."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.mending.rule import Context
from tars.rust.rules_support.opened import opened
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Label, Patch, Place, RustDiagnostic

_SHELLS = ("expression_statement", "match_pattern", "source_file", "let_chain")
"""Nodes that are nothing beside the one that they hold."""
_QUOTED = re.compile(r"`([^`]+)`")


class Site(Prefab, frozen=True, slots=False):
    """A diagnostic at the place of the workspace that its first primary label points at."""

    diagnostic: RustDiagnostic
    context: Context
    file: SourceFile
    place: Place

    @cached_property
    def node(self) -> Node:
        """The expression, pattern or item with exactly the primary place, else the smallest node that covers it."""
        return self.node_of(self.place)

    @property
    def text(self) -> str:
        return self.file.text(self.place)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What the message has between backticks, in its order."""
        return tuple(_QUOTED.findall(self.diagnostic.message))

    def up(self, *kinds: str) -> Node | None:
        """The nearest node of these kinds that covers the primary place."""
        return self.file.node_of(self.place, *kinds)

    def label(self, text: str) -> Label | None:
        """The first label within the workspace, of the diagnostic or its notes, whose text contains this."""
        return next((one for one in self.labels() if text in one.text), None)

    def labels(self) -> Iterator[Label]:
        """All labels within the workspace: the diagnostic's own, then those of its notes."""
        return (one for one in self.diagnostic.all_labels() if one.place.path in self.context.files)

    def noted(self, text: str) -> Place | None:
        """The first place within the workspace that a note points at whose message contains this."""
        for note in self.diagnostic.notes:
            if text in note.message:
                for label in note.labels:
                    if label.place.path in self.context.files and label.place.end > label.place.start:
                        return label.place
        return None

    def file_of(self, place: Place) -> SourceFile:
        return opened(self.context.files[place.path])

    def node_of(self, place: Place) -> Node:
        """As `node`, of another place of the workspace."""
        file = self.file_of(place)
        node = file.exactly(place) or file.node_at(place)
        while node.type in _SHELLS and len(node.children) == 1:
            node = node.children[0]
        return node


class Mend(Prefab, frozen=True, slots=False):
    """A rule given as its parts: what a rule file's `PLUGIN` is. Proposes nothing where the diagnostic does not point
    into the workspace."""

    codes: tuple[str, ...]
    title: str
    cites: tuple[str, ...]
    examples: tuple[Example, ...]
    patches: Callable[[Site], Iterator[Patch]]

    def propose(self, diagnostic: RustDiagnostic, context: Context) -> Iterator[Patch]:
        """See `tars.rust.mending.rule.Rule`."""
        place = diagnostic.primary
        if place is None or place.path not in context.files:
            return
        seen: set[tuple[Change, ...]] = set()
        for patch in self.patches(Site(diagnostic, context, opened(context.files[place.path]), place)):
            if patch.changes not in seen:
                seen.add(patch.changes)
                yield patch


def patch(reason: str, confidence: float, *changes: Change) -> Patch:
    """A patch of these changes; its producer and citations are filled in from the rule."""
    return Patch(changes, reason, confidence)


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, the nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def children(node: Node, *kinds: str) -> list[Node]:
    """The direct children of these kinds, or, without any, all named ones that are no comments."""
    comments = ("line_comment", "block_comment")
    if kinds:
        return [child for child in node.children if child.type in kinds]
    return [child for child in node.named_children if child.type not in comments]


def enclosing_function(node: Node) -> Node | None:
    """The `fn` (no closure) that holds the node."""
    return next((one for one in ancestors(node) if one.type == "function_item"), None)


def delete_from_list(file: SourceFile, items: Sequence[Node], item: Node) -> Change:
    """The deletion of one item of a list that commas separate, with the comma that goes with it."""
    index = next(number for number, one in enumerate(items) if one.id == item.id)
    if index + 1 < len(items):
        return Change(Place(file.path, item.start_byte, items[index + 1].start_byte), "")
    if index > 0:
        return Change(Place(file.path, items[index - 1].end_byte, item.end_byte), "")
    end = item.end_byte
    comma = item.next_sibling
    if comma is not None and comma.type == ",":
        end = comma.end_byte
    return Change(Place(file.path, item.start_byte, end), "")


def elements(file: SourceFile, node: Node) -> list[Place]:
    """The elements of the array, `vec![…]` or argument list that holds the node directly, the node's own among them;
    nothing where it stands in none."""
    parent = node.parent
    return parts(file, parent) if parent is not None and parent.type in ("array_expression", "token_tree") else []


def parts(file: SourceFile, node: Node) -> list[Place]:
    """What stands between the commas of a node that ends with a bracket, `_` and `..` too, which are no named nodes."""
    found: list[Place] = []
    start: int | None = None
    end = 0
    opening = next((number for number, child in enumerate(node.children) if child.type in "([{"), 0)
    for child in node.children[opening + 1 :]:
        if child.type in (",", ";") or child.id == node.children[-1].id:
            if start is not None:
                found.append(Place(file.path, start, end))
            start = None
        else:
            start = child.start_byte if start is None else start
            end = child.end_byte
    return found


def deleted_line(file: SourceFile, node: Node) -> Change:
    """The deletion of a node together with the line that it leaves empty."""
    start, end = node.start_byte, node.end_byte
    line_start, line_end = file.line_start(start), file.line_end(end)
    if not file.data[line_start:start].strip() and not file.data[end:line_end].strip():
        return Change(Place(file.path, line_start, min(line_end + 1, len(file.data))), "")
    if file.data[end : end + 1] == b" ":
        end += 1
    return Change(Place(file.path, start, end), "")
