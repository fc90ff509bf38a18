"""A value that is not dereferenced."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("unary_expression"):
        if node.children[0].type == "*":
            yield (ground.file.delete(node.children[0]),)


PLUGIN = Mutation(
    "drops a `*`",
    propose,
    before="""pub fn one(two: &u8) -> u8 {
    *two
}
""",
    after="""pub fn one(two: &u8) -> u8 {
    two
}
""",
)
