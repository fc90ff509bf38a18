"""Members of a list without a comma between them."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes(","):
        after = node.next_sibling
        if after is not None and after.is_named:
            yield (ground.file.delete(node),)


PLUGIN = Mutation(
    "drops a comma",
    propose,
    before="""pub fn pair() -> (u8, u8) {
    (1, 2)
}
""",
    after="""pub fn pair() -> (u8, u8) {
    (1 2)
}
""",
)
