"""A statement or item without its `;`."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes(";"):
        yield (ground.file.delete(node),)


PLUGIN = Mutation(
    "drops a semicolon",
    propose,
    before="""pub fn one() -> u8 {
    let one = 1;
    one
}
""",
    after="""pub fn one() -> u8 {
    let one = 1
    one
}
""",
)
