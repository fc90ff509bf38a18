"""A `mut` that is missing at a binding, a reference or a receiver, or that a reference has and should not."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("mutable_specifier"):
        after = node.next_sibling
        end = after.start_byte if after is not None else node.end_byte
        yield (file.replace(Place(file.path, node.start_byte, end), ""),)
    for node in ground.nodes("reference_expression", "reference_type"):
        if not any(child.type in ("mutable_specifier", "lifetime") for child in node.children):
            yield (file.insert(node.start_byte + 1, "mut "),)


PLUGIN = Mutation(
    "drops a `mut`, or adds one",
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
