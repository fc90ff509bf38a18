"""Reads `use_<language>_module = "name@v3"`: which modules are held at a stored version."""

import re
from collections.abc import Callable
from typing import Final

from tars.core.near import close_matches
from tars.lang import schema
from tars.lang.meaning.context import Context
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import BAD, Value
from tars.lang.meaning.read import Names
from tars.lang.meaning.resolve import ModulePart, Scope
from tars.lang.syntax import tree

ResolveVersion = Callable[[str], str | None]

_PIN: Final = re.compile(r"([^\W\d][\w.-]{0,199})@(v[1-9][0-9]{0,8}|latest|[0-9a-f]{4,64})")


def apply_pins(scope: Scope, names: Names, resolve_version: ResolveVersion | None) -> None:
    """Pins the modules of a scope; a pin of a name that has no block declares that module."""
    for attribute in scope.contents.pins:
        language = schema.pin_language(attribute.name)
        context = scope.context()
        if language not in names.languages:
            near = close_matches(language, names.languages, n=1)
            known = f"known: {', '.join(sorted(names.languages))}"
            hint = f"did you mean `use_{schema.module_type(near[0])}`?" if near else known
            end = attribute.start + len(attribute.name)
            context.report("T0040", attribute.start, end, f"there is no toolchain for the language `{language}`", hint)
            continue
        value = evaluate(attribute.value, context)
        if value is BAD:
            continue
        items = value if isinstance(value, tuple) else (value,)
        nodes = attribute.value.items if isinstance(attribute.value, tree.Tuple) else (attribute.value,) * len(items)
        for item, node in zip(items, nodes, strict=False):
            _pin(scope, item, language, node, context, resolve_version)


def _pin(
    scope: Scope,
    value: Value,
    language: str,
    node: tree.Expression,
    context: Context,
    resolve_version: ResolveVersion | None,
) -> None:
    found = _PIN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        hint = 'write "name@v3", "name@latest" or "name@<beginning of the content hash>"'
        context.report("T0056", node.start, node.end, "this is not a version of a module", hint)
        return
    name = found[1]
    module = scope.modules.get(name)
    if module is None:
        module = scope.modules[name] = ModulePart(None, scope, name, language)
    elif module.language != language:
        hint = f"write `use_{schema.module_type(module.language)}`"
        context.report("T0056", node.start, node.end, f"`{name}` is a module in {module.language}", hint)
        return
    elif module.pin is not None:
        context.report("T0056", node.start, node.end, f"`{name}` is pinned twice", "keep one of the pins")
        return
    pin = f"{scope.prefix}{value}"
    if resolve_version is not None:
        known = resolve_version(pin)
        if known is None:
            hint = "`tarscli versions` lists the versions that there are"
            context.report("T0056", node.start, node.end, f"there is no version `{pin}` in this project", hint)
        pin = known or pin
    module.pin = (pin, node)
