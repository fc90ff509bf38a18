"""A value that is given away where it should be lent."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("reference_expression"):
        value = node.child_by_field_name("value")
        if value is not None:
            yield (file.replace(Place(file.path, node.start_byte, value.start_byte), ""),)
    for node in ground.nodes("reference_type"):
        inner = node.child_by_field_name("type")
        if inner is not None and inner.type not in ("dynamic_type", "array_type"):
            yield (file.replace(Place(file.path, node.start_byte, inner.start_byte), ""),)


PLUGIN = Mutation(
    "drops a `&`",
    propose,
    before="""pub fn one(two: String) -> (usize, String) {
    (str::len(&two), two)
}
""",
    after="""pub fn one(two: String) -> (usize, String) {
    (str::len(two), two)
}
""",
)
