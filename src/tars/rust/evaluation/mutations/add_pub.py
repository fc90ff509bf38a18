"""`pub` where none may stand."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("impl_item"):
        body = node.child_by_field_name("body")
        if node.child_by_field_name("trait") is not None and body is not None:
            for item in body.named_children:
                if item.type in ("function_item", "type_item"):
                    yield (ground.file.insert(item.start_byte, "pub "),)


PLUGIN = Mutation(
    "puts `pub` where none may stand",
    propose,
    before="""pub struct One;
impl Default for One {
    fn default() -> One {
        One
    }
}
""",
    after="""pub struct One;
impl Default for One {
    pub fn default() -> One {
        One
    }
}
""",
)
