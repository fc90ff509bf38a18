"""Another sign in a calculation: it builds, and does something else."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_OTHERS = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "&",
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=",
}  # fmt: skip


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("binary_expression", "compound_assignment_expr"):
        for child in node.children:
            if child.type in _OTHERS:
                yield (ground.file.replace(child, _OTHERS[child.type]),)


PLUGIN = Mutation(
    "calculates otherwise",
    propose,
    before="""pub fn one(two: u8) -> u8 {
    two + 3
}
""",
    after="""pub fn one(two: u8) -> u8 {
    two - 3
}
""",
    builds=True,
)
