"""Says what the scopes of a metascript mean: computes, normalises, checks and orders what they declare."""

from collections.abc import Callable, Iterable
from typing import Final

from tars.core.near import close_matches
from tars.core.values import Diagnostic, Json
from tars.lang.checks import (
    t0036_duplicate_name,
    t0045_cycle,
    t0050_missing_file,
    t0053_entry_point,
    t0054_output_claimed_twice,
    t0055_output_in_state,
    t0057_bad_schema,
    t0058_contradictory_belief,
    t0067_unknown_belief,
    t0069_input_holds_output,
    t0070_output_folder_is_file,
)
from tars.lang.meaning.ahead import compute_ahead
from tars.lang.meaning.declare import DECLARED, declare_partly, read_settings
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.modules import declare_module
from tars.lang.meaning.order import order
from tars.lang.meaning.pins import apply_pins
from tars.lang.meaning.primitives import BAD, OutputPath, Value, Wrong, known
from tars.lang.meaning.read import Names, Reading, read_value, to_json
from tars.lang.meaning.resolve import Scope, Shared
from tars.lang.meaning.resolved import Resolved, finding
from tars.lang.meaning.scopes import Builder
from tars.lang.meaning.variables import check_validations
from tars.lang.schema import attributes_of
from tars.lang.values import Metascript, OutputInput, Settings

_CHECKS: Final[tuple[Callable[[Resolved], Iterable[Diagnostic]], ...]] = (
    t0036_duplicate_name.check,
    t0045_cycle.check,
    t0050_missing_file.check,
    t0053_entry_point.check,
    t0054_output_claimed_twice.check,
    t0055_output_in_state.check,
    t0057_bad_schema.check,
    t0058_contradictory_belief.check,
    t0067_unknown_belief.check,
    t0069_input_holds_output.check,
    t0070_output_folder_is_file.check,
)


def meaning(
    scope: Scope, builder: Builder, names: Names, resolve_version: Callable[[str], str | None] | None
) -> Metascript:
    """What the scopes mean together. Where diagnostics were reported, something may be missing in it."""
    shared, world = builder.shared, builder.shared.world
    _check_given(scope, shared)
    for each in builder.scopes:
        apply_pins(each, names, resolve_version)
    for each in reversed(builder.scopes):
        compute_ahead(each)
    for each in builder.scopes:
        _compute(each, names)
    modules = []
    for each in builder.scopes:
        for part in list(each.modules.values()):
            module = declare_module(part, names)
            if module is not None:
                modules.append((part, module))
    declarations = []
    for each in builder.scopes:
        for block in each.contents.parts:
            if block.type.name in DECLARED:
                declarations.append((each, block, declare_partly(each, block, names)[0]))
    outputs = _outputs(scope)
    settings, output_at = Settings(), None
    for block in scope.contents.parts:
        if block.type.name == "settings":
            settings = read_settings(scope, block, names)
            named = block.attributes.get("output")
            output_at = scope.span(named.value.start, named.value.end) if named is not None else None
    resolved = Resolved(modules, declarations, world, settings, builder.texts, output_at)
    for check in _CHECKS:
        shared.diagnostics.extend(check(resolved))
    table = {module.address: module for _, module in modules}
    ordered, _ = order({address: module.needs for address, module in table.items()})
    return Metascript(
        path=scope.path,
        modules=tuple([table[address] for address in ordered]),
        settings=settings,
        declarations=tuple([made for _, _, made in declarations]),
        variables=_variables(scope),
        outputs=outputs,
        reads=tuple(world.reads),
        environment_reads=tuple(world.environment_reads),
    )


def _check_given(scope: Scope, shared: Shared) -> None:
    """Values for variables that are not declared are mistakes: most often a name that is misspelt."""
    for name in scope.given:
        if name not in scope.variables and not scope.is_broken and name not in scope.lost:
            message = f"`{scope.path}` has no variable `{name}`"
            shared.diagnostics.append(finding("T0066", None, message, _declared(name, scope)))


def _declared(name: str, scope: Scope) -> str:
    """The hint for a variable that a scope does not declare: the nearest that it does, else all of them."""
    near = close_matches(name, scope.variables, n=1)
    some = ", ".join(f"`{known}`" for known in scope.variables)
    return f"did you mean `{near[0]}`?" if near else f"it declares {some}" if some else "it declares none"


def _compute(scope: Scope, names: Names) -> None:
    """Computes all variables and local values, so that the findings of those nobody refers to are told too."""
    context = scope.context()
    for name, part in scope.variables.items():
        scope.value_of("var", name, part, context, part.block.start, part.block.header_end)
        check_validations(scope, part, context, names)
    for name, attribute in scope.locals.items():
        scope.value_of("local", name, attribute, context, attribute.start, attribute.start + len(name))
    for kind in ("variable", "output"):
        for part in scope.contents.parts:
            description = part.attributes.get("description")
            if part.type.name == kind and description is not None:
                value = evaluate(description.value, context)
                if value is not BAD:
                    known_as = attributes_of(kind)["description"]
                    read_value(value, Reading(known_as, description.value, context, names, ""))
    _outputs(scope)
    for inner in scope.includes.values():
        for name in inner.given:
            if name not in inner.variables and not inner.is_broken:
                message = f"`{inner.path}` has no variable `{name}`"
                hint = _declared(name, inner)
                scope.shared.diagnostics.append(finding("T0066", inner.given_at.get(name), message, hint))


def _variables(scope: Scope) -> dict[str, Json]:
    context = scope.context()
    values = {name: scope.value_of("var", name, part, context, 0, 0) for name, part in scope.variables.items()}
    return {name: to_json(value) for name, value in values.items() if value is not BAD}


def _outputs(scope: Scope) -> "dict[str, Json | OutputInput]":
    made: dict[str, Json | OutputInput] = {}
    context = scope.context()
    for name, part in scope.others.get("output", {}).items():
        value = scope.value_of("output", name, part, context, part.block.start, part.block.header_end)
        node = part.attributes.get("value")
        if value is BAD or node is None:
            continue
        try:
            made[name] = _result(value)
        except Wrong as wrong:
            context.report(wrong.code, node.value.start, node.value.end, wrong.message, wrong.hint)
    return made


def _result(value: Value) -> "Json | OutputInput":
    if isinstance(value, OutputPath):
        return OutputInput(value.address, str(value))
    if isinstance(value, OutputInput):
        return value
    return to_json(known(value) if not isinstance(value, tuple | dict) else value)
