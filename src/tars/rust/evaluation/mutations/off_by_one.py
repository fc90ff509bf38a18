"""A number, or the end of a range, that is one off: it builds, and does something else."""

import re
from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("integer_literal"):
        text = ground.file.text(node)
        if re.fullmatch(r"\d{1,9}", text):
            yield (ground.file.replace(node, str(int(text) + 1)),)
            if text != "0":
                yield (ground.file.replace(node, str(int(text) - 1)),)
    for node in ground.nodes("range_expression"):
        for child in node.children:
            if child.type in ("..", "..=") and child.next_sibling is not None:
                yield (ground.file.replace(child, "..=" if child.type == ".." else ".."),)


PLUGIN = Mutation(
    "is one off",
    propose,
    before="""pub fn one(two: usize) -> usize {
    (0..two).sum()
}
""",
    after="""pub fn one(two: usize) -> usize {
    (0..=two).sum()
}
""",
    builds=True,
)
