"""A variable or function whose name is misspelt where it is used."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.evaluation.mutations._spelling import misspelt

_USED_IN = frozenset({"arguments", "binary_expression", "call_expression", "field_expression", "reference_expression",
                      "let_declaration", "expression_statement", "unary_expression", "index_expression", "block",
                      "assignment_expression", "return_expression", "match_expression", "if_expression"})  # fmt: skip


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("identifier"):
        parent, text = node.parent, ground.file.text(node)
        if parent is None or parent.type not in _USED_IN or len(text) < 4:
            continue
        if parent.type == "let_declaration" and parent.child_by_field_name("pattern") == node:
            continue
        yield (ground.file.replace(node, misspelt(text, node.start_byte)),)


PLUGIN = Mutation(
    "misspells a variable or function where it is used",
    propose,
    before="""pub fn one(number: u8) -> u8 {
    number + 1
}
""",
    after="""pub fn one(number: u8) -> u8 {
    numbeer + 1
}
""",
)
