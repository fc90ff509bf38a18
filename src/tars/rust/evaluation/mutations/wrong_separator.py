"""A `.` in the place of `::`, or `:` in the place of `=`, and the other way round."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("::"):
        if node.parent is not None and node.parent.type == "scoped_identifier":
            yield (file.replace(node, "."),)
            yield (file.replace(node, ":"),)
    for node in ground.nodes("field_initializer"):
        for child in node.children:
            if child.type == ":":
                yield (file.replace(child, " ="),)
    for node in ground.nodes("call_expression"):
        function = node.child_by_field_name("function")
        if function is not None and function.type == "field_expression" and function.children[1].type == ".":
            yield (file.replace(function.children[1], "::"),)
    for node in ground.nodes("field_declaration_list"):
        for child in node.children:
            if child.type == ",":
                yield (file.replace(child, ";"),)


PLUGIN = Mutation(
    "writes another separator",
    propose,
    before="""pub fn one() -> u8 {
    u8::max(1, 2)
}
""",
    after="""pub fn one() -> u8 {
    u8.max(1, 2)
}
""",
)
