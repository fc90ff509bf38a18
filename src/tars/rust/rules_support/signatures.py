"""Function signatures: taking over a trait's, and adding or leaving out parameters."""

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from tars.rust.mending.rule import Context
from tars.rust.rules_support.items import Found, declared_trait, items, name_of, parameters, trait_of
from tars.rust.rules_support.mend import ancestors, delete_from_list
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place


def declaration_in_trait(context: Context, file: SourceFile, function: Node) -> Found | None:
    """The declaration, in a trait of the crate, of a function that an `impl` of that trait holds."""
    impl = next((one for one in ancestors(function) if one.type == "impl_item"), None)
    found = declared_trait(context, trait_of(file, impl)) if impl else None
    if found is None:
        return None
    for one in found[0].walk("function_signature_item", "function_item", within=found[1]):
        if name_of(found[0], one) == name_of(file, function):
            return found[0], one
    return None


def implementations(context: Context, trait: str, function: str) -> Iterator[Found]:
    """The functions of that name in the crate's implementations of the trait."""
    for file, impl in items(context, "impl_item"):
        if re.sub(r"<.*", "", trait_of(file, impl)).rpartition("::")[2] == trait:
            for one in file.walk("function_item", within=impl):
                if name_of(file, one) == function:
                    yield file, one


def signature_end(function: Node) -> int:
    """Where the signature ends and the body, or the semicolon, begins."""
    body = function.child_by_field_name("body")
    return body.start_byte if body else function.end_byte - 1


def adopted(file: SourceFile, function: Node, other: Found) -> Change | None:
    """The function's signature, replaced by the other's; its own names of parameters stay where they are as many."""
    theirs, declaration = other
    start = _keyword(function)
    if start is None:
        return None
    text = theirs.data[_keyword(declaration) or declaration.start_byte : signature_end(declaration)].decode().rstrip()
    own = [one for one in parameters(function) if one.type == "parameter"]
    for given, mine in zip([one for one in parameters(declaration) if one.type == "parameter"], own, strict=False):
        their_pattern, my_pattern = given.child_by_field_name("pattern"), mine.child_by_field_name("pattern")
        if their_pattern is not None and my_pattern is not None:
            name = re.escape(theirs.text(their_pattern))
            text = re.sub(rf"(?<![\w']){name}(?=\s*:)", file.text(my_pattern), text, count=1)
    space = "" if function.child_by_field_name("body") is None else " "
    return Change(Place(file.path, start, signature_end(function)), text + space)


def _keyword(function: Node) -> int | None:
    """Where `fn`, or the first of the words before it, stands; visibility left out."""
    for child in function.children:
        if child.type in ("function_modifiers", "fn"):
            return child.start_byte
    return None


def add_parameters(file: SourceFile, function: Node, texts: Sequence[str]) -> Change | None:
    """The function with these parameters behind its own."""
    listed = function.child_by_field_name("parameters")
    if listed is None:
        return None
    own = parameters(function)
    if not own:
        return file.insert(listed.start_byte + 1, ", ".join(texts))
    return file.insert(own[-1].end_byte, "".join(f", {text}" for text in texts))


def drop_parameter(file: SourceFile, function: Node, parameter: Node) -> Change:
    return delete_from_list(file, parameters(function), parameter)


def uses(file: SourceFile, within: Node, name: str) -> int:
    """How often a name stands in a node, in the arguments of macros and format strings too."""
    return len(re.findall(rf"(?<![\w']){re.escape(name)}(?!\w)", file.text(within)))
