"""A value of a struct, or a pattern of one, without one of its fields."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("field_initializer_list"):
        for member in listed(node):
            yield (without(ground.file, member),)
    for node in ground.nodes("struct_pattern", "tuple_struct_pattern"):
        members = [one for one in listed(node) if one != node.child_by_field_name("type")]
        for member in members:
            yield (without(ground.file, member),)


PLUGIN = Mutation(
    "drops a field of a struct's value or pattern",
    propose,
    before="""pub struct One {
    pub two: u8,
    pub three: u8,
}
pub fn one() -> One {
    One { two: 2, three: 3 }
}
""",
    after="""pub struct One {
    pub two: u8,
    pub three: u8,
}
pub fn one() -> One {
    One { two: 2 }
}
""",
)
