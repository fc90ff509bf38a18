"""A trait in the place of a type, without `dyn` or `impl`."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("dynamic_type", "abstract_type"):
        inner = node.child_by_field_name("trait")
        if inner is not None:
            yield (file.replace(Place(file.path, node.start_byte, inner.start_byte), ""),)


PLUGIN = Mutation(
    "drops a `dyn` or `impl`",
    propose,
    before="""pub fn one(two: &dyn ToString) -> String {
    two.to_string()
}
""",
    after="""pub fn one(two: &ToString) -> String {
    two.to_string()
}
""",
)
