"""A method that is named and not called."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("arguments"):
        if not listed(node):
            yield (ground.file.delete(node),)


PLUGIN = Mutation(
    "drops the parentheses of a call",
    propose,
    before="""pub fn one(two: &str) -> usize {
    two.len()
}
""",
    after="""pub fn one(two: &str) -> usize {
    two.len
}
""",
)
