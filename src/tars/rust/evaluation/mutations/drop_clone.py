"""A value that is moved where a copy of it should be."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place

_NAMES = frozenset({"clone", "to_owned", "to_string", "cloned", "copied", "to_vec"})


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("call_expression"):
        function = node.child_by_field_name("function")
        if function is None or function.type != "field_expression":
            continue
        receiver, name = function.child_by_field_name("value"), function.child_by_field_name("field")
        if receiver is not None and name is not None and file.text(name) in _NAMES:
            yield (file.replace(Place(file.path, receiver.end_byte, node.end_byte), ""),)


PLUGIN = Mutation(
    "drops a `.clone()` or the like",
    propose,
    before="""pub fn one(two: &String) -> String {
    two.clone()
}
""",
    after="""pub fn one(two: &String) -> String {
    two
}
""",
)
