"""A function without one of the parameters that its body and its callers know."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("parameters"):
        if node.parent is not None and node.parent.type == "function_item":
            for parameter in listed(node):
                yield (without(ground.file, parameter),)


PLUGIN = Mutation(
    "drops a parameter",
    propose,
    before="""pub fn sum(one: u8, two: u8) -> u8 {
    one + two
}
""",
    after="""pub fn sum(one: u8) -> u8 {
    one + two
}
""",
)
