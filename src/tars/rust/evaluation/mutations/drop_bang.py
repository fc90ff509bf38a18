"""A macro that is called as if it were a function."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("macro_invocation"):
        for child in node.children:
            if child.type == "!":
                yield (ground.file.delete(child),)


PLUGIN = Mutation(
    "drops the `!` of a macro",
    propose,
    before="""pub fn one() -> String {
    format!("one")
}
""",
    after="""pub fn one() -> String {
    format("one")
}
""",
)
