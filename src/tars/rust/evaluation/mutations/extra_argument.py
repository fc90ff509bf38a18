"""A call with an argument too many."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("arguments"):
        found = listed(node)
        if found:
            yield (file.insert(found[-1].end_byte, f", {file.text(found[-1])}"),)
        else:
            yield (file.insert(node.start_byte + 1, "0"),)


PLUGIN = Mutation(
    "repeats an argument",
    propose,
    before="""pub fn one() -> u8 {
    u8::max(1, 0)
}
""",
    after="""pub fn one() -> u8 {
    u8::max(1, 0, 0)
}
""",
)
