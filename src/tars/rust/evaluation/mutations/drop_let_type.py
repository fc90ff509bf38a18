"""A declaration without the type that nothing else tells."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("let_declaration", "const_item", "static_item"):
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("name")
        kind = node.child_by_field_name("type")
        if pattern is not None and kind is not None:
            yield (file.replace(Place(file.path, pattern.end_byte, kind.end_byte), ""),)
    for node in ground.nodes("generic_function"):
        function = node.child_by_field_name("function")
        if function is not None:
            yield (file.replace(Place(file.path, function.end_byte, node.end_byte), ""),)


PLUGIN = Mutation(
    "drops the type of a binding or constant",
    propose,
    before="""pub fn one() -> usize {
    let all: Vec<u8> = (0..3).collect();
    all.len()
}
""",
    after="""pub fn one() -> usize {
    let all = (0..3).collect();
    all.len()
}
""",
)
