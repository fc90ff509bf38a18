"""From loans to values: types without their references, and expressions that give a value of its own."""

import re

from tree_sitter import Node

from tars.rust.syntax.source import SourceFile

_REFERENCE = re.compile(r"&\s*(?:'\w+\s+)?(?:mut\s+)?")
_VIEWS = ("as_str", "as_slice", "as_ref", "as_mut_slice", "as_path", "as_bytes", "deref", "as_mut", "borrow")
_OF_TEXT = ("trim", "trim_start", "trim_end", "trim_matches", "strip_prefix", "strip_suffix")


def owned_type(text: str) -> str:
    """A type as written, each reference in it replaced by what owns its value: `Option<&str>` is `Option<String>`."""
    at = 0
    parts: list[str] = []
    while found := _REFERENCE.search(text, at):
        parts.append(text[at : found.start()])
        rest = text[found.end() :]
        if re.match(r"str\b", rest):
            parts.append("String")
            at = found.end() + 3
        elif rest.startswith("["):
            end = _closing(rest)
            inner = rest[1:end]
            parts.append(f"[{inner}]" if ";" in inner else f"Vec<{owned_type(inner)}>")
            at = found.end() + end + 1
        elif dynamic := re.match(r"\(?dyn\s[\w:<>, +'()]*", rest):
            parts.append(f"Box<{dynamic[0].strip('()')}>")
            at = found.end() + dynamic.end()
        elif rest.startswith("Path"):
            parts.append("PathBuf")
            at = found.end() + 4
        else:
            at = found.end()
    return "".join((*parts, text[at:]))


def owned_value(file: SourceFile, node: Node, type_: str | None = None) -> str | None:
    """The text of an expression that gives the value itself where this one gives a loan of it: of `&text` it is `text`,
    of `text.as_str()` too; None where nothing is known. `type_` is that of what is borrowed, where it is known."""
    if node.type == "reference_expression":
        value = node.child_by_field_name("value")
        if value is None:
            return None
        if value.type == "index_expression":
            whole = file.text(value).endswith("[..]")
            return file.text(value.named_children[0]) if whole else f"{file.text(value)}{_made(type_)}"
        if type_ is not None and type_.startswith("["):
            return f"{file.text(value)}.to_vec()"
        return file.text(value)
    if node.type != "call_expression":
        return None
    function = node.child_by_field_name("function")
    if function is None or function.type != "field_expression":
        return None
    name = function.child_by_field_name("field")
    owner = function.child_by_field_name("value")
    method = file.text(name) if name is not None else ""
    if owner is not None and method in _VIEWS:
        return file.text(owner)
    if method in _OF_TEXT:
        return f"{file.text(node)}.to_string()"
    return None


def _made(type_: str | None) -> str:
    """The method that makes a value of what is borrowed."""
    if type_ == "str":
        return ".to_string()"
    return ".to_vec()" if type_ and type_.startswith("[") else ".to_owned()"


def _closing(text: str) -> int:
    """Where the bracket that a text begins with ends."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if depth == 0:
            return at
    return len(text)
