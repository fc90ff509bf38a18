"""A parenthesis or square bracket that is missing."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("(", ")", "[", "]"):
        yield (ground.file.delete(node),)


PLUGIN = Mutation(
    "drops a parenthesis or bracket",
    propose,
    before="""pub fn one() -> Option<u8> {
    Some(1)
}
""",
    after="""pub fn one() -> Option<u8> {
    Some(1
}
""",
)
