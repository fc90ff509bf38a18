"""`->` or `=>` with a part missing, or the one in the other's place."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("->"):
        yield (ground.file.replace(node, ":"),)
        yield (ground.file.replace(node, "=>"),)
    for node in ground.nodes("=>"):
        yield (ground.file.replace(node, "->"),)
        yield (ground.file.replace(node, "="),)


PLUGIN = Mutation(
    "misspells an arrow",
    propose,
    before="""pub fn one() -> u8 {
    1
}
""",
    after="""pub fn one() => u8 {
    1
}
""",
)
