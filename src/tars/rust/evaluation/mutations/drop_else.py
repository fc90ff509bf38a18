"""An `if` that has no value where it is false."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("else_clause"):
        before = node.prev_sibling
        start = before.end_byte if before is not None else node.start_byte
        yield (file.replace(Place(file.path, start, node.end_byte), ""),)


PLUGIN = Mutation(
    "drops an `else`",
    propose,
    before="""pub fn one(two: bool) -> u8 {
    if two { 1 } else { 2 }
}
""",
    after="""pub fn one(two: bool) -> u8 {
    if two { 1 }
}
""",
)
