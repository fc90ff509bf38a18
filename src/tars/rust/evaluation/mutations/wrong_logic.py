"""A condition with `&&` for `||`, with a `!` too many or too few, or the wrong truth: it builds, and does otherwise."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_OTHERS = {"&&": "||", "||": "&&"}
_PLAIN = ("identifier", "call_expression", "field_expression", "macro_invocation")


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("binary_expression"):
        for child in node.children:
            if child.type in _OTHERS:
                yield (ground.file.replace(child, _OTHERS[child.type]),)
    for node in ground.nodes("unary_expression"):
        if node.children[0].type == "!":
            yield (ground.file.delete(node.children[0]),)
    for node in ground.nodes("if_expression"):
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.type in _PLAIN:
            yield (ground.file.insert(condition.start_byte, "!"),)
    for node in ground.nodes("boolean_literal"):
        yield (ground.file.replace(node, "false" if ground.file.text(node) == "true" else "true"),)


PLUGIN = Mutation(
    "asks for something else",
    propose,
    before="""pub fn one(two: bool, three: bool) -> bool {
    two && three
}
""",
    after="""pub fn one(two: bool, three: bool) -> bool {
    two || three
}
""",
    builds=True,
)
