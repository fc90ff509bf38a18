"""The name of another local, where one was meant: it builds, and does something else."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_BINDS = ("parameter", "let_declaration", "for_expression", "closure_parameters")


def propose(ground: Ground) -> Iterator[Changes]:
    for function in ground.nodes("function_item"):
        names = dict.fromkeys(
            ground.file.text(one) for one in ground.file.walk("identifier", within=function) if _binds(one)
        )
        body = function.child_by_field_name("body")
        for node in ground.file.walk("identifier", within=body) if body is not None else ():
            text = ground.file.text(node)
            if text in names and not _binds(node) and not _in_macro(node):
                for other in names:
                    if other != text:
                        yield (ground.file.replace(node, other),)


def _binds(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type.endswith(("pattern", "patterns")):
        node, above = above, above.parent
    if above is None or above.type not in _BINDS:
        return False
    pattern = above.child_by_field_name("pattern")
    return above.type == "closure_parameters" or (pattern is not None and pattern.id == node.id)


def _in_macro(node: Node) -> bool:
    return node.parent is not None and node.parent.type in ("token_tree", "macro_invocation")


PLUGIN = Mutation(
    "names another local",
    propose,
    before="""pub fn one(two: u8, three: u8) -> u8 {
    two / three
}
""",
    after="""pub fn one(two: u8, three: u8) -> u8 {
    three / three
}
""",
    builds=True,
)
