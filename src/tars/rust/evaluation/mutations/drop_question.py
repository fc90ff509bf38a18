"""A result that is used without its `?`."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("try_expression"):
        yield (ground.file.delete(node.children[-1]),)


PLUGIN = Mutation(
    "drops a `?`",
    propose,
    before="""pub fn one(two: Option<u8>) -> Option<u8> {
    Some(two? + 1)
}
""",
    after="""pub fn one(two: Option<u8>) -> Option<u8> {
    Some(two + 1)
}
""",
)
