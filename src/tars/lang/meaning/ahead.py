"""Computes what is referred to before what refers to it, so that long chains of references need no deep stack."""

from collections.abc import Iterator

from tars.lang.meaning.context import Context
from tars.lang.meaning.order import order
from tars.lang.meaning.resolve import Scope, key_of
from tars.lang.syntax import tree
from tars.lang.syntax.height import children

Asked = tuple[str, str, str]
"""`local`, `var` or `module`, the name, and which of a module's attributes."""


def compute_ahead(scope: Scope) -> None:
    """Computes the variables, the local values and what modules are asked for that others of the scope refer to. Those
    in a cycle are left to who refers to them, so that the cycle is told from its beginning."""
    needs = {_spell(asked): [_spell(one) for one in _references(node)] for asked, node in _computed(scope)}
    if not needs:
        return
    ordered, cycles = order(needs)
    left_out = {name for cycle in cycles for name in cycle}
    context = scope.context()
    for text in ordered:
        if text not in left_out:
            _compute(scope, text, context)


def _computed(scope: Scope) -> Iterator[tuple[Asked, tuple[tree.Expression, ...]]]:
    """What is computed from an expression that may refer to something."""
    for name, attribute in scope.locals.items():
        if type(attribute.value) is not tree.Literal:
            yield ("local", name, ""), (attribute.value,)
    for name, part in scope.variables.items():
        default = part.attributes.get("default")
        if default is not None and type(default.value) is not tree.Literal:
            yield ("var", name, ""), (default.value,)
    for name, module in scope.modules.items():
        given = [module.attributes[key].value for key in ("output", "artifact") if key in module.attributes]
        if any(type(node) is not tree.Literal for node in given):
            for asked in ("output", "outputs", *(["artifact"] if "artifact" in module.attributes else [])):
                yield ("module", name, asked), tuple(given)


def _references(nodes: tuple[tree.Expression, ...]) -> Iterator[Asked]:
    waiting: list[tuple[object, ...]] = list(nodes)
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        if not isinstance(node, tree.GetAttribute | tree.Index):
            continue
        source = node.source
        if isinstance(source, tree.Name) and source.name in ("local", "var"):
            yield source.name, key_of(node) or "", ""
        elif isinstance(source, tree.GetAttribute | tree.Index) and isinstance(source.source, tree.Name):
            yield "module", key_of(source) or "", key_of(node) or ""


def _spell(asked: Asked) -> str:
    return "\0".join(asked)


def _compute(scope: Scope, text: str, context: Context) -> None:
    kind, name, asked = text.split("\0")
    if kind == "local":
        node = scope.locals[name]
        scope.value_of(kind, name, node, context, node.start, node.start + len(name))
    elif kind == "var":
        part = scope.variables[name]
        scope.value_of(kind, name, part, context, part.block.start, part.block.header_end)
    else:
        module = scope.modules[name]
        scope.asked_of(module, asked, context, *module.place(asked))
