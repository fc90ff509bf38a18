"""A value that is used after it was moved away: by a loop, a receiver or a binding."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("for_expression"):
        value = node.child_by_field_name("value")
        if value is not None and value.type == "reference_expression":
            inner = value.child_by_field_name("value")
            if inner is not None:
                yield (file.replace(value, file.text(inner)),)
    for node in ground.nodes("self_parameter"):
        if file.text(node) in ("&self", "&mut self"):
            yield (file.replace(node, file.text(node).removeprefix("&")),)
    for node in ground.nodes("let_declaration"):
        pattern, after = node.child_by_field_name("pattern"), node.next_named_sibling
        if pattern is not None and pattern.type == "identifier" and after is not None:
            indent = file.indent(node.start_byte)
            yield (file.insert(node.end_byte, f"\n{indent}let moved = {file.text(pattern)};"),)
    for node in ground.nodes("call_expression"):
        function = node.child_by_field_name("function")
        name = function.child_by_field_name("field") if function is not None else None
        if name is not None and file.text(name) == "iter":
            yield (file.replace(name, "into_iter"),)


PLUGIN = Mutation(
    "moves a value that is used later",
    propose,
    before="""pub fn one(two: u8) -> (String, usize) {
    let text = two.to_string();
    let size = text.len();
    (text, size)
}
""",
    after="""pub fn one(two: u8) -> (String, usize) {
    let text = two.to_string();
    let moved = text;
    let size = text.len();
    (text, size)
}
""",
)
