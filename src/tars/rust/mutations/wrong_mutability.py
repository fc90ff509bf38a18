"""A `mut` that is missing, at a binding, a reference or a receiver."""

from collections.abc import Iterator

from tars.rust.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("mutable_specifier"):
        after = node.next_sibling
        end = after.start_byte if after is not None else node.end_byte
        yield (file.replace(Place(file.path, node.start_byte, end), ""),)


PLUGIN = Mutation(
    "drops a `mut`",
    propose,
    before="""pub fn one() -> u8 {
    let mut one = 0;
    one += 1;
    one
}
""",
    after="""pub fn one() -> u8 {
    let one = 0;
    one += 1;
    one
}
""",
)
