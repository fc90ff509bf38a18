"""The functions of a source that could start a module, with the schemas of what they take and give."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.ui.starting.schemas import Types, nothing, python_schema, ts_schema

if TYPE_CHECKING:
    from tree_sitter import Node

Schema = dict[str, Json]


class Function(Prefab, frozen=True):
    """A function that others may call. `takes` are the schemas of the parameters that must be given, by name (empty
    where the source does not say the type); `gives` is that of its result, None where it gives nothing."""

    name: str
    takes: tuple[tuple[str, Schema], ...]
    gives: Schema | None


class Program(Prefab, frozen=True):
    """`is_script` where running the whole file does something, so that no function needs to be named."""

    functions: tuple[Function, ...]
    is_script: bool


def read(language: str, root: "Node") -> Program:
    """What a parsed source offers, in its order. Raises `UsageError` for one that starts nothing."""
    return _READ[language](root)


def text(node: "Node | None") -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _python(root: "Node") -> Program:
    types: Types = {}
    for node in root.named_children:
        inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
        if inner is not None and inner.type == "class_definition":
            types[text(inner.child_by_field_name("name"))] = inner
    found, script = [], False
    for node in root.named_children:
        inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
        if inner is None or inner.type != "function_definition":
            script = script or node.type in ("if_statement", "for_statement", "while_statement", "with_statement")
            script = script or (
                node.type == "expression_statement" and node.named_children[0].type in ("call", "await")
            )
            continue
        name = text(inner.child_by_field_name("name"))
        if name.startswith("_"):
            continue
        takes = [
            (text(one.named_children[0]), python_schema(one.child_by_field_name("type"), types))
            if one.type == "typed_parameter"
            else (text(one), {})
            for one in _until_star(inner.child_by_field_name("parameters"))
        ]
        result = inner.child_by_field_name("return_type")
        gives = None if text(result) == "None" else python_schema(result, types)
        found.append(Function(name, tuple(takes), gives))
    return Program(tuple(found), script)


def _until_star(parameters: "Node | None") -> Iterator["Node"]:
    """The positional parameters without a default."""
    for one in parameters.named_children if parameters else ():
        if one.type in ("keyword_separator", "list_splat_pattern", "dictionary_splat_pattern"):
            return
        if one.type == "typed_parameter" and one.named_children[0].type in (
            "list_splat_pattern",
            "dictionary_splat_pattern",
        ):
            return
        if one.type in ("identifier", "typed_parameter"):
            yield one


def _script(root: "Node") -> Program:
    types: Types = {}
    for node in _declarations(root):
        if node.type in ("interface_declaration", "type_alias_declaration"):
            types[text(node.child_by_field_name("name"))] = node
    found, script = [], False
    own = _own(root)
    common = dict(_common(root, own))
    for name, function in common.items():
        found.append(_ts_function(name, function, types))
    for node in root.named_children:
        if node.type == "expression_statement" and common and _is_exports(node.named_children[0]):
            continue
        if node.type != "export_statement":
            script = script or (node.type == "expression_statement" and node.named_children[0].type != "string")
            script = script or node.type in ("for_statement", "for_in_statement", "if_statement", "while_statement")
            continue
        inner = node.child_by_field_name("declaration")
        default = any(child.type == "default" for child in node.children)
        for name, function in _functions(inner) if inner is not None else ():
            found.append(_ts_function("default" if default else name, function, types))
        if (given := _function(node.child_by_field_name("value"), own)) is not None:
            found.append(_ts_function("default", given, types))
    return Program(tuple(found), script and not found)


def _is_exports(node: "Node") -> bool:
    left = text(node.child_by_field_name("left")) if node.type == "assignment_expression" else ""
    return left == "module.exports" or left.startswith(("module.exports.", "exports."))


def _own(root: "Node") -> Mapping[str, "Node"]:
    """The functions that the module names at its top, exported or not."""
    return {name: node for one in _declarations(root) for name, node in _functions(one)}


def _common(root: "Node", own: Mapping[str, "Node"]) -> Iterator[tuple[str, "Node"]]:
    """The functions that a CommonJS module exports: `exports.run = …`, `module.exports = { run, … }`."""
    for statement in root.named_children:
        node = statement.named_children[0] if statement.type == "expression_statement" else None
        if node is None or not _is_exports(node):
            continue
        name = text(node.child_by_field_name("left")).removeprefix("module.").removeprefix("exports").lstrip(".")
        right = node.child_by_field_name("right")
        for each in right.named_children if right is not None and right.type == "object" else ():
            if each.type == "shorthand_property_identifier" and text(each) in own:
                yield text(each), own[text(each)]
            elif each.type == "method_definition":
                yield text(each.child_by_field_name("name")), each
            elif each.type == "pair" and (given := _function(each.child_by_field_name("value"), own)) is not None:
                yield text(each.child_by_field_name("key")), given
        if (given := _function(right, own)) is not None:
            yield name or "default", given


def _function(node: "Node | None", own: Mapping[str, "Node"]) -> "Node | None":
    """The function that an expression is, or names."""
    if node is None or node.type in ("arrow_function", "function_expression", "function"):
        return node
    return own.get(text(node)) if node.type == "identifier" else None


def _declarations(root: "Node") -> Iterator["Node"]:
    for node in root.named_children:
        inner = node.child_by_field_name("declaration") if node.type == "export_statement" else node
        if inner is not None:
            yield inner


def _functions(node: "Node") -> Iterator[tuple[str, "Node"]]:
    if node.type in ("function_declaration", "generator_function_declaration"):
        yield text(node.child_by_field_name("name")), node
    elif node.type == "lexical_declaration":
        for each in node.named_children:
            value = each.child_by_field_name("value")
            if value is not None and value.type in ("arrow_function", "function_expression", "function"):
                yield text(each.child_by_field_name("name")), value


def _ts_function(name: str, node: "Node", types: Types) -> Function:
    takes: list[tuple[str, Schema]] = []
    parameters = node.child_by_field_name("parameters")
    single = node.child_by_field_name("parameter")
    for one in parameters.named_children if parameters else [single] if single else []:
        if one.type == "required_parameter" and one.child_by_field_name("value") is None:
            if any(child.type == "rest_pattern" for child in one.named_children):
                break
            annotation = one.child_by_field_name("type")
            takes.append((text(one.child_by_field_name("pattern")), ts_schema(annotation, types)))
        elif one.type == "identifier":
            takes.append((text(one), {}))
        else:
            break
    result = node.child_by_field_name("return_type")
    written = text(result).lstrip(": ")
    gives = None if nothing(written) else ts_schema(result, types)
    return Function(name, tuple(takes), gives)


def _go(root: "Node") -> Program:
    """Go's entry points take text or bytes and print their result: there is no schema that would hold."""
    found: list[Function] = []
    main = False
    package = next((node for node in root.named_children if node.type == "package_clause"), None)
    if package is not None and text(package.named_children[0]) != "main":
        raise UsageError("its package is not `main`, which starts a program in Go", hint="write `package main`")
    for node in root.named_children:
        if node.type != "function_declaration":
            continue
        name = text(node.child_by_field_name("name"))
        main = main or name == "main"
        parameters = node.child_by_field_name("parameters")
        takes: list[tuple[str, Schema]] = []
        for one in parameters.named_children if parameters else ():
            takes += [(text(child), {}) for child in one.children_by_field_name("name")] or [("data", {})]
        result = text(node.child_by_field_name("result"))
        if name[:1].isupper():
            found.append(Function(name, tuple(takes), None if result in ("", "error") else {}))
    return Program(tuple(found), main)


def _rust(root: "Node") -> Program:
    """Rust's entry points take and give text or bytes, which have no schema."""
    found: list[Function] = []
    main = False
    for node in root.named_children:
        if node.type != "function_item":
            continue
        name = text(node.child_by_field_name("name"))
        main = main or name == "main"
        if not any(child.type == "visibility_modifier" for child in node.children):
            continue
        parameters = node.child_by_field_name("parameters")
        takes: list[tuple[str, Schema]] = [
            (text(one.child_by_field_name("pattern")), {})
            for one in (parameters.named_children if parameters else ())
            if one.type == "parameter"
        ]
        written = text(node.child_by_field_name("return_type")).replace(" ", "")
        is_nothing = written in ("", "()") or written.startswith("Result<()")
        found.append(Function(name, tuple(takes), None if is_nothing else {}))
    return Program(tuple(found), main)


_READ: Final[Mapping[str, Callable[["Node"], Program]]] = {
    "python": _python, "typescript": _script, "javascript": _script, "go": _go, "rust": _rust,
}  # fmt: skip
