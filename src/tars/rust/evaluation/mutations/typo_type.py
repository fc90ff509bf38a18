"""A type or trait whose name is misspelt where it is used."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.evaluation.mutations._spelling import misspelt

_DECLARATIONS = frozenset({"struct_item", "enum_item", "union_item", "trait_item", "type_item", "type_parameter"})


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("type_identifier", "primitive_type"):
        parent, text = node.parent, ground.file.text(node)
        if parent is None or len(text) < 3:
            continue
        if parent.type in _DECLARATIONS and parent.child_by_field_name("name") == node:
            continue
        yield (ground.file.replace(node, misspelt(text, node.start_byte)),)


PLUGIN = Mutation(
    "misspells a type where it is used",
    propose,
    before="""pub fn one(text: String) -> usize {
    text.len()
}
""",
    after="""pub fn one(text: Strring) -> usize {
    text.len()
}
""",
)
