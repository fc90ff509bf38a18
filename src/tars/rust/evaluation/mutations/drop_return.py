"""A `return` that is missing in the middle of a function."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("return_expression"):
        if node.named_children:
            yield (file.replace(Place(file.path, node.start_byte, node.named_children[0].start_byte), ""),)


PLUGIN = Mutation(
    "drops a `return`",
    propose,
    before="""pub fn one(two: Option<u8>) -> u8 {
    let Some(two) = two else {
        return 1;
    };
    two
}
""",
    after="""pub fn one(two: Option<u8>) -> u8 {
    let Some(two) = two else {
        1;
    };
    two
}
""",
)
