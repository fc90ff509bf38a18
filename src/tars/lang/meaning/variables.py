"""The values of variables: given on the command line, by who includes the file, by the environment, or the default."""

from typing import Final

from tars.core.values import Diagnostic, Related, Severity
from tars.lang.meaning.collect import Part
from tars.lang.meaning.constraints import (
    ANY,
    STRING,
    BadConstraint,
    Constraint,
    SpoiltDefault,
    conform,
    constraint_of,
    read_constraint,
)
from tars.lang.meaning.context import HINTS, Context
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import BAD, Value, Wrong, shown, whole_text
from tars.lang.meaning.read import Names, Reading, read_value
from tars.lang.meaning.resolve import Scope
from tars.lang.schema import attributes_of
from tars.lang.syntax import tree
from tars.lang.syntax.parse import parse_expression

ENVIRONMENT_PREFIX: Final = "TARS_VAR_"


class Text(str):
    """A value given as text: it is read as the variable's type has it."""

    __slots__ = ()


def variable_value(scope: Scope, part: Part, context: Context) -> Value:
    """The value of a variable; BAD, and diagnostics, where it has none or it does not fit its type."""
    name = part.label
    start, end = part.block.start, part.block.header_end
    default_node = part.attributes.get("default")
    default = evaluate(default_node.value, context) if default_node else None
    constraint = _constraint(part, default, context)
    if constraint is None or default is BAD:
        return BAD
    if default_node is not None:
        try:
            default = conform(default, constraint, lambda node: evaluate(node, context))
        except SpoiltDefault:
            return BAD
        except Wrong as wrong:
            at = default_node.value
            context.report("T0034", at.start, at.end, f"the default does not fit the type: {wrong.message}", wrong.hint)
            return BAD
    given = _given(scope, name, context)
    if given is BAD:
        return BAD
    if given is None:
        if default_node is None:
            hint = f"give one: `--var {name}=…`, {ENVIRONMENT_PREFIX}{name} in the environment, or a default"
            if scope.prefix:
                hint = f"give one: `variables = {{ {name} = … }}` in the `include`, or a default"
            context.report("T0060", start, end, f"the variable `{scope.prefix}{name}` has no value", hint)
            return BAD
        return default
    try:
        value = _read_text(given, constraint, context) if isinstance(given, Text) else given
        return conform(value, constraint, lambda node: evaluate(node, context))
    except SpoiltDefault:
        return BAD
    except Wrong as wrong:
        message = f"the value of the variable `{scope.prefix}{name}` does not fit: {wrong.message}"
        place = scope.given_at.get(name)
        if place is None:
            context.report("T0034", start, end, message, wrong.hint)
        else:
            related = (Related(scope.span(start, end), "declared here"),)
            found = Diagnostic("T0034", Severity.ERROR, message, place, wrong.hint or HINTS["T0034"], related)
            scope.shared.diagnostics.append(found)
        return BAD


def _given(scope: Scope, name: str, context: Context) -> Value:
    if name in scope.given:
        return scope.given[name]
    if scope.prefix:
        return None
    variable = f"{ENVIRONMENT_PREFIX}{name}"
    context.world.environment_reads[variable] = None
    found = context.world.environ.get(variable)
    return None if found is None else Text(found)


def _constraint(part: Part, default: Value, context: Context) -> Constraint | None:
    node = part.attributes.get("type")
    if node is None:
        return STRING if default is None and "default" not in part.attributes else constraint_of(default)
    value: tree.Expression = node.value
    if isinstance(value, tree.Literal) and isinstance(value.value, str):
        # The JSON form has no bare words: the type stands in a string there.
        value = parse_expression(value.value)[0]
    if isinstance(value, tree.Damage) and value is node.value:
        return None
    try:
        return read_constraint(value)
    except BadConstraint as bad:
        at = bad.node if value is node.value else node.value
        hint = "write `string`, `number`, `bool`, `any`, `list(string)`, `map(number)` or `object({ … })`"
        context.report("T0065", at.start, at.end, bad.message, hint)
        return None


def _read_text(text: str, constraint: Constraint, context: Context) -> Value:
    """Strings are taken as they are; for every other type the text is an expression without references."""
    whole_text(text)
    if constraint.name == "string":
        return str(text)
    node, findings = parse_expression(text)
    if not findings:
        inner = Context(context.path, context.folder, context.world, _no_references, [])
        value = evaluate(node, inner)
        if value is not BAD:
            return value
        findings = tuple(inner.diagnostics)
    if constraint == ANY or constraint.name in ("bool", "number"):
        return str(text)
    raise Wrong(f"{shown(text)} cannot be read: {findings[0].message}")


def _no_references(root: tree.Name, steps: object, context: Context) -> tuple[Value, int]:
    raise Wrong("a value given from outside cannot refer to anything")


def check_validations(scope: Scope, part: Part, context: Context, names: Names) -> None:
    """Tells of every `validation` block that the variable's value does not satisfy."""
    name = part.label
    found, _ = scope.resolve(tree.Name(0, 0, "var"), (tree.GetAttribute(0, 0, tree.Damage(0, 0), name, 0),), context)
    if found is BAD:
        return
    for rule in part.blocks:
        condition, message = rule.attributes.get("condition"), rule.attributes.get("error_message")
        if condition is None or message is None:
            continue
        holds = evaluate(condition.value, context)
        told = evaluate(message.value, context)
        if told is not BAD:
            kind = attributes_of("validation")["error_message"]
            told = read_value(told, Reading(kind, message.value, context, names, ""))
        if holds is BAD or told is BAD:
            continue
        if not isinstance(holds, bool):
            at = condition.value
            context.report("T0034", at.start, at.end, f"a condition is true or false, not {shown(holds)}")
        elif not holds:
            at = condition.value
            hint = f"the value is {shown(found)}"
            context.report("T0061", at.start, at.end, f"`{scope.prefix}{name}`: {told}", hint)
