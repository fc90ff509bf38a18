"""How high the tree of an expression is: those who walk it by recursion must not run out of stack."""

from typing import Final

from tars.lang.syntax.faults import FaultError
from tars.lang.syntax.tree import Expression

HEIGHT_MAX: Final = 150


def too_high(node: Expression) -> FaultError | None:
    """The error for a tree that is higher than `HEIGHT_MAX`: thousands of operators in a row, say."""
    level: list[tuple[object, ...]] = [node]
    for _ in range(HEIGHT_MAX):
        level = [child for parent in level for child in children(parent)]
        if not level:
            return None
    return height_fault(node[0], node[1])


def height_fault(start: int, end: int) -> FaultError:
    hint = "name parts of it in a `locals` block and refer to those"
    return FaultError("T0022", f"this expression is more than {HEIGHT_MAX} operations deep", start, end, hint)


def children(node: tuple[object, ...]) -> "list[tuple[object, ...]]":
    """The nodes right below; the tuples that hold them do not count as a level."""
    found: list[tuple[object, ...]] = []
    for value in node:
        if isinstance(value, tuple):
            if hasattr(value, "_fields"):
                found.append(value)
            else:
                found.extend(item for item in value if isinstance(item, tuple))
    return found
