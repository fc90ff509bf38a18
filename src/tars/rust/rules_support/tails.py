"""What a function gives: the expressions that its body comes to, through branches, and those of its `return`s."""

from collections.abc import Iterator

from tree_sitter import Node

_BRANCHES = {"if_expression": ("consequence", "alternative"), "match_arm": ("value",)}


def given_by(function: Node) -> list[Node]:
    """The expressions, each once."""
    body = function.child_by_field_name("body")
    return list(dict.fromkeys([*(_tails(body) if body is not None else ()), *_returns(function)]))


def _tails(node: Node) -> Iterator[Node]:
    """The expressions that a block, or a branch, comes to."""
    if node.type in ("block", "else_clause", "expression_statement"):
        last = next((one for one in reversed(node.named_children) if "comment" not in one.type), None)
        ends = node.type != "expression_statement" or node.children[-1].type != ";"
        if last is not None and ends and last.type not in ("let_declaration", "return_expression"):
            yield from _tails(last)
    elif node.type == "match_expression":
        arms = node.child_by_field_name("body")
        for arm in arms.named_children if arms is not None else ():
            yield from _tails(arm)
    elif node.type in _BRANCHES:
        for field in _BRANCHES[node.type]:
            branch = node.child_by_field_name(field)
            if branch is not None:
                yield from _tails(branch)
    elif node.type not in ("return_expression", "macro_invocation", "loop_expression", "while_expression"):
        yield node


def _returns(function: Node) -> Iterator[Node]:
    """What its `return`s give, those of closures left out."""
    stack = [function]
    while stack:
        node = stack.pop()
        if node.type == "return_expression" and node.named_children:
            yield node.named_children[0]
        elif node.type not in ("closure_expression", "async_block") and (
            node == function or node.type != "function_item"
        ):
            stack.extend(reversed(node.children))
