"""A `*` before what is no reference."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("arguments"):
        for argument in listed(node):
            if argument.type in ("identifier", "field_expression"):
                yield (ground.file.insert(argument.start_byte, "*"),)


PLUGIN = Mutation(
    "puts a `*` before a value",
    propose,
    before="""pub fn one(two: u8) -> u8 {
    u8::max(two, 1)
}
""",
    after="""pub fn one(two: u8) -> u8 {
    u8::max(*two, 1)
}
""",
)
