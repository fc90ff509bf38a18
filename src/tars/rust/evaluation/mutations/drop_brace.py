"""A brace that is missing."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("{", "}"):
        yield (ground.file.delete(node),)


PLUGIN = Mutation(
    "drops a brace",
    propose,
    before="""pub fn one() -> u8 {
    1
}
""",
    after="""pub fn one() -> u8 {
    1

""",
)
