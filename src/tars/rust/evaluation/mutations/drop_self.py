"""A field or method of `self` that is named alone, or a method without its receiver."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, without
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("field_expression"):
        value, name = node.child_by_field_name("value"), node.child_by_field_name("field")
        if value is not None and name is not None and value.type == "self":
            yield (file.replace(Place(file.path, value.start_byte, name.start_byte), ""),)
    for node in ground.nodes("self_parameter"):
        yield (without(file, node),)


PLUGIN = Mutation(
    "drops a `self`",
    propose,
    before="""pub struct One(u8);
impl One {
    pub fn one(&self) -> u8 {
        self.0
    }
}
""",
    after="""pub struct One(u8);
impl One {
    pub fn one() -> u8 {
        self.0
    }
}
""",
)
