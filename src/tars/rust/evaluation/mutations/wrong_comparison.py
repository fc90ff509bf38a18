"""A comparison that goes one too far, the wrong way, or asks for the contrary: it builds, and does something else."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_OTHERS = {"<": "<= >", "<=": "< >=", ">": ">= <", ">=": "> <=", "==": "!=", "!=": "=="}


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("binary_expression"):
        for child in node.children:
            for other in _OTHERS.get(child.type, "").split():
                yield (ground.file.replace(child, other),)


PLUGIN = Mutation(
    "compares otherwise",
    propose,
    before="""pub fn one(two: u8) -> bool {
    two < 3
}
""",
    after="""pub fn one(two: u8) -> bool {
    two <= 3
}
""",
    builds=True,
)
