"""An assignment in the place of a comparison, or a sign for a word."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_OTHERS = {"==": "=", "!=": "=!", "<=": "=<", ">=": "=>", "&&": "and", "||": "or", "!": "not "}


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("binary_expression", "unary_expression"):
        for child in node.children:
            if child.type in _OTHERS:
                yield (ground.file.replace(child, _OTHERS[child.type]),)


PLUGIN = Mutation(
    "writes another operator",
    propose,
    before="""pub fn one(two: u8) -> bool {
    two == 1
}
""",
    after="""pub fn one(two: u8) -> bool {
    two = 1
}
""",
)
