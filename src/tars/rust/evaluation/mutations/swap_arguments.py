"""Two arguments in the wrong order."""

from collections.abc import Iterator
from itertools import pairwise

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("arguments"):
        for first, second in pairwise(listed(node)):
            if file.text(first) != file.text(second):
                yield (file.replace(first, file.text(second)), file.replace(second, file.text(first)))


PLUGIN = Mutation(
    "swaps two arguments",
    propose,
    before="""pub fn one() -> String {
    "a".replacen('a', "b", 1)
}
""",
    after="""pub fn one() -> String {
    "a".replacen('a', 1, "b")
}
""",
)
