"""A function that does not say what it returns."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("function_item", "function_signature_item"):
        parameters, returned = node.child_by_field_name("parameters"), node.child_by_field_name("return_type")
        if parameters is not None and returned is not None:
            yield (file.replace(Place(file.path, parameters.end_byte, returned.end_byte), ""),)


PLUGIN = Mutation(
    "drops a return type",
    propose,
    before="""pub fn one() -> u8 {
    1
}
""",
    after="""pub fn one() {
    1
}
""",
)
