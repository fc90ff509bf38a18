"""A reference where a value is wanted."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed

_KINDS = ("identifier", "field_expression", "call_expression", "integer_literal", "string_literal")


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("arguments"):
        for argument in listed(node):
            if argument.type in _KINDS:
                yield (ground.file.insert(argument.start_byte, "&"),)
    for node in ground.nodes("field_initializer", "let_declaration"):
        value = node.child_by_field_name("value")
        if value is not None and value.type in _KINDS:
            yield (ground.file.insert(value.start_byte, "&"),)


PLUGIN = Mutation(
    "puts a `&` before a value",
    propose,
    before="""pub fn one(two: u8) -> u8 {
    u8::max(two, 1)
}
""",
    after="""pub fn one(two: u8) -> u8 {
    u8::max(&two, 1)
}
""",
)
