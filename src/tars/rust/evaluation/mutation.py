"""The mutation seam: one kind of slip that people make in Rust, found in a file wherever it could have been made.

A mutation looks and proposes; it runs and writes nothing. Each proposal is one mutant's whole change, and its inverse
is the mend.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.core.plugins import Seam
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

Changes: TypeAlias = tuple[Change, ...]

_LEFT_OUT = frozenset(
    {"macro_definition", "attribute_item", "inner_attribute_item", "token_tree", "line_comment", "block_comment"}
)
_TEST = re.compile(r"#\s*\[\s*(cfg\s*\(.*\btest\b|(\w+\s*::\s*)*(test|bench)\b)", re.S)


class Ground:
    """Where mutations look: a file's nodes by their kind, in the order of the text. Left out are tests, comments,
    attributes, macros, and what could not be parsed."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._nodes: dict[str, list[Node]] = {}
        for node in _ground(file.root, file):
            self._nodes.setdefault(node.type, []).append(node)

    def nodes(self, *kinds: str) -> list[Node]:
        """The nodes of these kinds, those of one kind in the order of the text."""
        return [node for kind in kinds for node in self._nodes.get(kind, ())]


class Mutation(Prefab, frozen=True):
    """A file `mutations/<kind>.py` holding `PLUGIN`, named for what was done to correct code: `drop_semicolon.py`.

    `title` says it in a few words. `propose` yields the changes of each mutant of a file, in the order of the text; not
    each of them breaks the file, which is for the compiler to say. `before` builds, and one of its mutants is `after`.
    Those of a mutation that `builds` do so too, and do something else.
    """

    title: str
    propose: Callable[[Ground], Iterator[Changes]]
    before: str
    after: str
    builds: bool = False


MUTATIONS: Final[Seam[Mutation]] = Seam("mutation", "tars.rust.evaluation.mutations", "tars.rust.evaluation.mutations")


def kinds_of(*, builds: bool) -> tuple[str, ...]:
    """The kinds of mutations whose mutants build, or those of which few do."""
    return tuple(name for name in MUTATIONS.names() if MUTATIONS.load(name).builds is builds)


def proposals(file: SourceFile, kinds: Sequence[str]) -> Mapping[str, tuple[Changes, ...]]:
    """The mutants of a file for each kind of mutation, each once.

    Raises `UsageError` for a kind that there is not.
    """
    ground = Ground(file)
    return {kind: tuple(dict.fromkeys(MUTATIONS.load(kind).propose(ground))) for kind in kinds}


def listed(node: Node) -> list[Node]:
    """What a list in brackets holds, without brackets, commas and comments."""
    return [one for one in node.named_children if one.type not in _LEFT_OUT]


def without(file: SourceFile, node: Node, separator: str = ",") -> Change:
    """The deletion of one of a list's members, with the separator that goes with it and the blanks between them."""
    start, end = node.start_byte, node.end_byte
    after, before = node.next_sibling, node.prev_sibling
    if after is not None and after.type == separator:
        end = after.end_byte
        following = after.next_sibling
        end = following.start_byte if following is not None and following.is_named else end
    elif before is not None and before.type == separator:
        start = before.start_byte
    return Change(Place(file.path, start, end), "")


def with_line(file: SourceFile, node: Node) -> Change:
    """The deletion of a node with the line that it leaves empty."""
    start, end = file.line_start(node.start_byte), file.line_end(node.end_byte)
    alone = not file.data[start : node.start_byte].strip() and not file.data[node.end_byte : end].strip()
    return Change(Place(file.path, start, min(end + 1, len(file.data))) if alone else file.place(node), "")


def _ground(root: Node, file: SourceFile) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        kept: list[Node] = []
        is_test = False
        for child in node.children:
            if child.type == "attribute_item":
                is_test = is_test or bool(_TEST.match(file.text(child)))
            elif child.type in _LEFT_OUT or child.type == "ERROR" or child.is_missing:
                continue
            else:
                if not is_test:
                    kept.append(child)
                is_test = is_test and not child.is_named
        stack.extend(reversed(kept))
