"""A string or character without one of its quotes."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("string_literal"):
        if (
            file.data[node.start_byte : node.start_byte + 1] == b'"'
            and b"\n" not in file.data[node.start_byte : node.end_byte]
        ):
            yield (file.replace(Place(file.path, node.start_byte, node.start_byte + 1), ""),)
            yield (file.replace(Place(file.path, node.end_byte - 1, node.end_byte), ""),)
    for node in ground.nodes("char_literal"):
        yield (file.replace(Place(file.path, node.end_byte - 1, node.end_byte), ""),)


PLUGIN = Mutation(
    "drops a quote",
    propose,
    before="""pub fn one() -> &'static str {
    "one"
}
""",
    after="""pub fn one() -> &'static str {
    "one
}
""",
)
