"""A text without one of its letters: it builds, and says something else."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("string_literal"):
        text = ground.file.text(node)
        if len(text) > 4 and text[1:-1].replace(" ", "").isalnum():
            middle = len(text) // 2
            yield (ground.file.replace(node, text[:middle] + text[middle + 1 :]),)


PLUGIN = Mutation(
    "drops a letter of a text",
    propose,
    before="""pub fn one() -> &'static str {
    "three"
}
""",
    after="""pub fn one() -> &'static str {
    "thee"
}
""",
    builds=True,
)
