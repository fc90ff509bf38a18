"""A variant, constant or function that is named without what it belongs to."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("scoped_identifier", "scoped_type_identifier"):
        name = node.child_by_field_name("name")
        if (
            name is None
            or node.parent is None
            or node.parent.type in ("use_declaration", "scoped_use_list", "use_list")
        ):
            continue
        yield (file.replace(Place(file.path, node.start_byte, name.start_byte), ""),)


PLUGIN = Mutation(
    "drops the beginning of a path",
    propose,
    before="""pub fn one() -> u8 {
    u8::max(1, 2)
}
""",
    after="""pub fn one() -> u8 {
    max(1, 2)
}
""",
)
