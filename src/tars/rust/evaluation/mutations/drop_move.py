"""A closure that borrows what it must own."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("move"):
        after = node.next_sibling
        yield (
            file.replace(
                Place(file.path, node.start_byte, after.start_byte if after is not None else node.end_byte), ""
            ),
        )


PLUGIN = Mutation(
    "drops a `move`",
    propose,
    before="""pub fn add(one: u8) -> impl Fn(u8) -> u8 {
    move |two| one + two
}
""",
    after="""pub fn add(one: u8) -> impl Fn(u8) -> u8 {
    |two| one + two
}
""",
)
