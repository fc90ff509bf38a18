"""Whether two Rust files say the same: blanks, comments and trailing commas do not count."""

from tree_sitter import Node

from tars.rust.syntax.source import SourceFile

_CLOSING = frozenset({")", "]", "}", ">"})


def same_tokens(one: bytes, other: bytes) -> bool:
    """Whether both have the same tokens in the same order."""
    return one == other or token_list(one) == token_list(other)


def token_list(data: bytes) -> list[bytes]:
    """The tokens of a file, as far as it can be read, without comments and trailing commas."""
    found: list[bytes] = []
    stack: list[Node] = [SourceFile("", data).root]
    while stack:
        node = stack.pop()
        if node.type in ("line_comment", "block_comment"):
            continue
        if node.children and node.type not in ("string_literal", "char_literal", "lifetime"):
            stack.extend(reversed(node.children))
            continue
        text = data[node.start_byte : node.end_byte]
        if text.decode("utf-8", "replace") in _CLOSING and found and found[-1] == b",":
            found.pop()
        if text:
            found.append(text)
    return found
