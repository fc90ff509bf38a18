"""A call with an argument too few."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("arguments"):
        for argument in listed(node):
            yield (without(ground.file, argument),)


PLUGIN = Mutation(
    "drops an argument",
    propose,
    before="""pub fn one() -> u8 {
    u8::max(1, 0)
}
""",
    after="""pub fn one() -> u8 {
    u8::max(1)
}
""",
)
