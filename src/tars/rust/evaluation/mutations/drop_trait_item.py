"""An implementation of a trait without a method or type that it needs."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, with_line


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("impl_item"):
        body = node.child_by_field_name("body")
        if node.child_by_field_name("trait") is not None and body is not None:
            for item in body.named_children:
                if item.type in ("function_item", "type_item", "const_item"):
                    yield (with_line(ground.file, item),)


PLUGIN = Mutation(
    "drops an item of a trait's implementation",
    propose,
    before="""pub struct One;
impl Iterator for One {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        None
    }
}
""",
    after="""pub struct One;
impl Iterator for One {
    fn next(&mut self) -> Option<u8> {
        None
    }
}
""",
)
