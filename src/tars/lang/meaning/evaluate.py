"""Evaluates expressions as the HCL specification has it. A finding spoils only what it is in."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tars.lang.meaning.call import call
from tars.lang.meaning.context import DEPTH_MAX, Context, Step, too_long
from tars.lang.meaning.operators import apply, apply_unary, elements_of, index, near_key, unified
from tars.lang.meaning.primitives import (
    BAD,
    STRING_MAX,
    ModuleValue,
    ProjectPath,
    Value,
    Wrong,
    a_type,
    known,
    number,
    shown,
    to_bool,
    to_text,
)
from tars.lang.syntax import tree
from tars.lang.values import OutputInput

STATIC_CODES: Final = frozenset({"T0044", "T0045", "T0046", "T0047"})
"""Findings that hold whatever the values are: also told of a branch that is not taken."""

_ROUND_CHARACTERS: Final = 16
"""How many characters of an expression are evaluated in a round of a loop for the work of making one element."""


def evaluate(node: tree.Expression, context: Context) -> Value:
    """The value of an expression; BAD where it has none, and then a diagnostic says why."""
    if isinstance(node, tree.Literal):
        if type(node.value) is not float:
            return node.value
        try:
            return number(node.value)
        except Wrong as wrong:
            context.report_wrong(wrong, node)
            return BAD
    if context.depth >= DEPTH_MAX:
        hint = "split it into `locals`, each written before it is used"
        context.report("T0049", node.start, node.end, "this is nested too deeply", hint)
        return BAD
    context.depth += 1
    try:
        return _EVALUATE[type(node)](node, context)
    except Wrong as wrong:
        context.report_wrong(wrong, node)
        return BAD
    finally:
        context.depth -= 1


def evaluate_aside(node: tree.Expression, context: Context, codes: frozenset[str] = STATIC_CODES) -> Value:
    """The value of an expression that is not used: it makes no edges, and only findings of these codes are told."""
    diagnostics, needs = context.diagnostics, context.needs
    context.diagnostics, context.needs = [], set()
    try:
        return evaluate(node, context)
    finally:
        found = context.diagnostics
        context.diagnostics, context.needs = diagnostics, needs
        diagnostics.extend(finding for finding in found if finding.code in codes)


def _tuple(node: tree.Tuple, context: Context) -> Value:
    items = tuple([evaluate(item, context) for item in node.items])
    return BAD if BAD in items else context.charge(items)


def _object(node: tree.Object, context: Context) -> Value:
    made: dict[str, Value] = {}
    bad = False
    for item in node.items:
        key = _checked(item.key, context, to_text)
        value = evaluate(item.value, context)
        bad = bad or key is BAD or value is BAD
        if key is not BAD:
            made[key] = value
    return BAD if bad else context.charge(made)


def _checked(node: tree.Expression, context: Context, convert: Callable[[Value], Value]) -> Value:
    """The converted value of a part of an expression, with the finding at that part."""
    value = evaluate(node, context)
    if value is BAD:
        return BAD
    try:
        return convert(value)
    except Wrong as wrong:
        context.report_wrong(wrong, node)
        return BAD


def _traversal(node: tree.GetAttribute | tree.Index | tree.Name, context: Context) -> Value:
    steps: list[Step] = []
    at: Any = node
    while type(at) is tree.GetAttribute or type(at) is tree.Index:
        steps.append(at)
        at = at.source
    steps.reverse()
    used = 0
    if type(at) is not tree.Name:
        value = evaluate(at, context)
    elif at.name in context.names:
        value = context.names[at.name]
    else:
        value, used = context.resolve(at, steps, context)
    for step in steps[used:]:
        if value is BAD:
            return BAD
        value = _index(value, step, context) if isinstance(step, tree.Index) else _attribute(value, step, context)
    return value


def _attribute(value: Value, step: tree.GetAttribute, context: Context) -> Value:
    if isinstance(value, dict):
        if step.name in value:
            return value[step.name]
        return _missing(value, step.name, step.name_start, step.end, context)
    hint = "to take it of every element, write `[*]` before the dot" if isinstance(value, tuple) else ""
    if isinstance(value, ModuleValue | OutputInput):
        hint = "a module has `output`, `outputs`, `artifact`, `source` and `name`"
    context.report("T0048", step.name_start, step.end, f"{a_type(value)} has no attribute `{step.name}`", hint)
    return BAD


def _missing(value: dict[str, Value], key: str, start: int, end: int, context: Context) -> Value:
    near = near_key(key, value, context.spend)
    some = ", ".join(f"`{name}`" for name in list(value)[:8])
    hint = f"did you mean `{near}`?" if near else f"it has {some}" if some else "it is empty"
    context.report("T0048", start, end, f"the object has no attribute `{key}`", hint)
    return BAD


def _index(value: Value, step: tree.Index, context: Context) -> Value:
    key = evaluate(step.key, context)
    if key is BAD:
        return BAD
    try:
        return index(value, key, context.spend)
    except Wrong as wrong:
        context.report_wrong(wrong, step.key)
        return BAD


def _splat(node: tree.Splat, context: Context) -> Value:
    source = evaluate(node.source, context)
    if source is BAD:
        return BAD
    if isinstance(source, OutputInput) and source.index < 0 and type(node.each) is tree.SplatItem:
        return source
    known(source)
    elements = source if isinstance(source, tuple) else () if source is None else (source,)
    made, outer = [], context.item
    work = _round_work(node)
    for context.item in elements:
        context.spend(work)
        made.append(evaluate(node.each, context))
        if made[-1] is BAD:
            break
    context.item = outer
    return BAD if made and made[-1] is BAD else context.charge(tuple(made))


def _for(node: tree.For, context: Context) -> Value:
    source = evaluate(node.collection, context)
    if source is BAD:
        return BAD
    try:
        pairs = elements_of(source)
    except Wrong as wrong:
        context.report_wrong(wrong, node.collection)
        return BAD
    outer = context.names
    try:
        return context.charge(
            _for_object(node, pairs, context) if node.result_key else _for_tuple(node, pairs, context)
        )
    except _Spoilt:
        return BAD
    finally:
        context.names = outer


def _round_work(node: tree.For | tree.TemplateFor | tree.Splat) -> int:
    """The work of one round: what is evaluated again and again counts by the length of its text."""
    return 1 + (node.end - node.start) // _ROUND_CHARACTERS


class _Spoilt(Exception):  # noqa: N818 - ends a loop
    """An iteration has a finding; the others would only have the same one."""


def _rounds(node: tree.For, pairs: list[tuple[Value, Value]], context: Context) -> Any:
    """Sets the names of one iteration after the other, leaving out those that the condition refuses."""
    names = context.names = dict(context.names)
    work = _round_work(node)
    for key, value in pairs:
        if node.key:
            names[node.key] = key
        names[node.value] = value
        context.spend(work)
        if node.condition is not None:
            wanted = _checked(node.condition, context, to_bool)
            if wanted is BAD:
                raise _Spoilt
            if not wanted:
                continue
        yield


def _for_tuple(node: tree.For, pairs: list[tuple[Value, Value]], context: Context) -> Value:
    made = []
    for _ in _rounds(node, pairs, context):
        made.append(evaluate(node.result, context))
        if made[-1] is BAD:
            raise _Spoilt
    return tuple(made)


def _for_object(node: tree.For, pairs: list[tuple[Value, Value]], context: Context) -> Value:
    made: dict[str, Value] = {}
    assert node.result_key is not None
    for _ in _rounds(node, pairs, context):
        key = _checked(node.result_key, context, to_text)
        value = evaluate(node.result, context)
        if key is BAD or value is BAD:
            raise _Spoilt
        if node.group:
            made.setdefault(key, []).append(value)
        elif key in made:
            hint = "to group them, write `...` after the value"
            place = node.result_key
            context.report("T0048", place.start, place.end, f"two elements have the key {shown(key)}", hint)
            raise _Spoilt
        else:
            made[key] = value
    return {key: tuple(value) for key, value in made.items()} if node.group else made


def _unary(node: tree.Unary, context: Context) -> Value:
    return _checked(node.operand, context, lambda value: apply_unary(node.operator, value))


def _binary(node: tree.Binary, context: Context) -> Value:
    """Chains of operators are long, not deep: they lean to the left, and are walked, not called."""
    chain: list[tree.Binary] = []
    at: tree.Expression = node
    while type(at) is tree.Binary:
        chain.append(at)
        at = at.left
    left = evaluate(at, context)
    for part in reversed(chain):
        left = _operate(part, left, context)
    return left


def _operate(node: tree.Binary, left: Value, context: Context) -> Value:
    if _settles(node.operator, left):
        evaluate_aside(node.right, context)
        return node.operator == "||"
    right = evaluate(node.right, context)
    if left is BAD or right is BAD:
        return BAD
    try:
        return apply(node.operator, left, right, context.spend)
    except Wrong as wrong:
        joined = node.operator == "+" and isinstance(left, str) and isinstance(right, str)
        hint = 'join strings with a template: `"${a}${b}"`' if joined else wrong.hint
        context.report(wrong.code, node.start, node.end, wrong.message, hint)
        return BAD


def _settles(operator: str, left: Value) -> bool:
    """Whether the left operand alone decides: `false && …`, `true || …`."""
    if operator == "||":
        return left is True or (isinstance(left, str) and left == "true")
    return operator == "&&" and (left is False or (isinstance(left, str) and left == "false"))


def _conditional(node: tree.Conditional, context: Context) -> Value:
    condition = _checked(node.condition, context, to_bool)
    if condition is BAD:
        evaluate_aside(node.then, context)
        evaluate_aside(node.otherwise, context)
        return BAD
    taken, other = (node.then, node.otherwise) if condition else (node.otherwise, node.then)
    value = evaluate(taken, context)
    aside = evaluate_aside(other, context)
    return value if value is BAD or aside is BAD else unified(value, aside)


def _template(node: tree.Template, context: Context) -> Value:
    if len(node.parts) == 1 and isinstance(node.parts[0], tree.Interpolation):
        return evaluate(node.parts[0].expression, context)
    made: list[str] = []
    if not _write(node.parts, made, context):
        return BAD
    if sum(map(len, made)) > STRING_MAX:
        raise too_long()
    text = context.charge("".join(made))
    return ProjectPath(text) if made and isinstance(made[0], ProjectPath) else text


def _write(parts: tuple[tree.Part, ...], made: list[str], context: Context) -> bool:
    """Adds the text of template parts; false where one of them has a finding."""
    good = True
    for part in parts:
        if isinstance(part, str):
            made.append(part)
        elif isinstance(part, tree.Interpolation):
            text = _checked(part.expression, context, to_text)
            good = good and text is not BAD
            made.append(text if text is not BAD else "")
        elif isinstance(part, tree.TemplateIf):
            condition = _checked(part.condition, context, to_bool)
            good = condition is not BAD and _write(part.then if condition else part.otherwise, made, context) and good
        else:
            good = _write_each(part, made, context) and good
        context.spend(len(made[-1]) // 16 if made else 0)
    return good


def _write_each(part: tree.TemplateFor, made: list[str], context: Context) -> bool:
    source = _checked(part.collection, context, elements_of)
    if source is BAD:
        return False
    outer = context.names
    names = context.names = dict(outer)
    work = _round_work(part)
    try:
        for key, value in source:
            if part.key:
                names[part.key] = key
            names[part.value] = value
            context.spend(work)
            if not _write(part.parts, made, context):
                return False
    finally:
        context.names = outer
    return True


_EVALUATE: Final[Mapping[type, Callable[[Any, Context], Value]]] = {
    tree.Template: _template,
    tree.Name: _traversal,
    tree.GetAttribute: _traversal,
    tree.Index: _traversal,
    tree.SplatItem: lambda node, context: context.item,
    tree.Splat: _splat,
    tree.Call: lambda node, context: call(node, context, evaluate),
    tree.Tuple: _tuple,
    tree.Object: _object,
    tree.For: _for,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: _conditional,
    tree.Parenthesis: lambda node, context: evaluate(node.inner, context),
    tree.Damage: lambda node, context: BAD,
}
