"""What the borrow checker says of a loan: where it begins, what conflicts with it, and where it is used later."""

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.rules_support.mend import Site
from tars.rust.rules_support.statements import bound_names, index_in, mentions, siblings, statements
from tars.rust.rules_support.types import FLOATS, INTEGERS
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Label, Place

_BEGINS = (
    "first mutable borrow occurs", "immutable borrow occurs", "mutable borrow occurs", "is borrowed here",
    "borrow of", "closure construction occurs", "first borrow occurs", "borrow occurs here",
    "first closure is constructed",
)  # fmt: skip
_LATER = "later "
COPY = frozenset({*INTEGERS, *FLOATS, "bool", "char", "()", "{integer}", "{float}"})


class Loan(Prefab, frozen=True):
    """A loan that begins at `first` and is used at `later`, with something between them, at `conflict`, that it
    forbids. All are places of `file`."""

    file: SourceFile
    first: Place
    conflict: Place
    later: Place | None
    in_loop: bool


def loan_of(site: Site) -> Loan | None:
    """The loan of a borrow checker's message; None where it does not tell where it begins."""
    labels = [one for one in site.diagnostic.labels if one.place.path == site.file.path]
    first = next((one for one in labels if not one.primary and _begins(one)), None)
    if first is None:
        return None
    later = next((one for one in labels if _is_later(one.text)), None)
    in_loop = any("iteration of" in one.text for one in labels)
    return Loan(site.file, first.place, site.place, later.place if later else None, in_loop)


def _is_later(text: str) -> bool:
    return _LATER in text and ("used" in text or "captured" in text)


def _begins(label: Label) -> bool:
    if label.text.startswith("second") or _LATER in label.text:
        return False
    return any(text in label.text for text in _BEGINS)


class Order(Prefab, frozen=True):
    """The statements of one block that hold a loan's beginning, its conflict, and its last use."""

    block: list[Node]
    first: Node
    conflict: Node
    last: Node
    names: list[str]
    """The names that the first statement binds; they may hold the loan."""

    def between(self, start: Node, end: Node) -> list[Node]:
        """The statements from after `start` up to and with `end`."""
        return self.block[index_in(self.block, start) + 1 : index_in(self.block, end) + 1]


def order_of(loan: Loan) -> Order | None:
    """None where the three are not in different statements of one block."""
    if loan.later is None:
        return None
    found = siblings(loan.file, loan.first, loan.conflict, loan.later)
    if found is None or found[0].parent is None:
        return None
    first, conflict, later = found
    if not first.start_byte < conflict.start_byte < later.start_byte:
        return None
    block = statements(found[0].parent)
    names = bound_names(loan.file, first)
    last = later
    for one in block[index_in(block, later) :]:
        if any(mentions(loan.file, one, name) for name in names):
            last = one
    return Order(block, first, conflict, last, names)


def is_copy(type_name: str | None) -> bool:
    """Whether values of a type, as the compiler prints it, are copied: numbers, `bool`, `char`, shared references."""
    if not type_name:
        return False
    if type_name.startswith("&"):
        return not type_name.startswith("&mut ")
    if type_name.startswith("(") and type_name.endswith(")") and type_name != "()":
        return all(is_copy(one.strip()) for one in type_name[1:-1].split(",") if one.strip())
    return type_name in COPY


def place_of(file: SourceFile, node: Node) -> Place:
    return Place(file.path, node.start_byte, node.end_byte)
