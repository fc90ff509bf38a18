"""A `;` behind the value that a block should end with."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_BLOCKS = frozenset(
    {"function_item", "closure_expression", "match_arm", "if_expression", "else_clause", "let_declaration"}
)


def propose(ground: Ground) -> Iterator[Changes]:
    for block in ground.nodes("block"):
        if block.parent is None or block.parent.type not in _BLOCKS or not block.named_children:
            continue
        last = block.named_children[-1]
        if last.type != "expression_statement" and not last.type.endswith(("_item", "_declaration", "_comment")):
            yield (ground.file.insert(last.end_byte, ";"),)


PLUGIN = Mutation(
    "puts a semicolon behind a block's value",
    propose,
    before="""pub fn one() -> u8 {
    1
}
""",
    after="""pub fn one() -> u8 {
    1;
}
""",
)
