"""A method or field whose name is misspelt where it is used."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.evaluation.mutations._spelling import misspelt


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("field_identifier"):
        text = ground.file.text(node)
        if node.parent is not None and node.parent.type == "field_expression" and len(text) > 2:
            yield (ground.file.replace(node, misspelt(text, node.start_byte)),)


PLUGIN = Mutation(
    "misspells a method or field where it is used",
    propose,
    before="""pub fn one(text: &str) -> bool {
    text.is_empty()
}
""",
    after="""pub fn one(text: &str) -> bool {
    text.i_sempty()
}
""",
)
