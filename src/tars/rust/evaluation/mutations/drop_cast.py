"""Two types of number without `as` between them."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("type_cast_expression"):
        value = node.child_by_field_name("value")
        if value is not None:
            yield (file.replace(Place(file.path, value.end_byte, node.end_byte), ""),)


PLUGIN = Mutation(
    "drops an `as`",
    propose,
    before="""pub fn one(two: u8) -> u32 {
    two as u32
}
""",
    after="""pub fn one(two: u8) -> u32 {
    two
}
""",
)
