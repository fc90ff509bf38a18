"""Calls functions: checks how many arguments there are, and puts a finding at the argument that it is about."""

from collections.abc import Callable
from typing import Final

from tars.core.near import close_matches
from tars.lang.meaning.context import READ_SHARE, Context, Function, weight
from tars.lang.meaning.primitives import BAD, Value, Wrong, a_type, known
from tars.lang.syntax import tree

Evaluate = Callable[[tree.Expression, Context], Value]

_NOT_OFFERED: Final = {
    **dict.fromkeys(
        ("timestamp", "plantimestamp", "uuid", "bcrypt", "timeadd", "uuidv5"),
        "there are no clocks and no chance in a metascript: it would never equal its last run, so nothing could "
        "be cached; hand such a value in as a variable",
    ),
    "abspath": "absolute paths differ between machines; every path is relative to the metascript's folder",
    "templatefile": "write the template as a heredoc, or read it in the module",
    "sensitive": "secrets do not belong in a metascript; read them from the environment in the module",
}


def call(node: tree.Call, context: Context, evaluate: Evaluate) -> Value:
    """The value of a call. Arguments are evaluated first, but for `try` and `can`, which are about their findings."""
    if node.name in ("try", "can"):
        return _attempt(node, context, evaluate)
    from tars.lang.meaning.functions import FUNCTIONS  # noqa: PLC0415 - slow to import, and many metascripts call none

    function = FUNCTIONS.get(node.name)
    arguments = [evaluate(argument, context) for argument in node.arguments]
    if function is None:
        _report_unknown(node, context, list(FUNCTIONS))
        return BAD
    if BAD in arguments:
        return BAD
    if node.expand:
        last = known(arguments.pop())
        if not isinstance(last, tuple):
            context.report_wrong(Wrong(f"only a list can be expanded by `...`, not {a_type(last)}"), node.arguments[-1])
            return BAD
        arguments.extend(last)
    if not _count_fits(node, context, function, len(arguments)):
        return BAD
    try:
        if not function.is_brief:
            context.spend(sum(weight(argument, context.world.work) for argument in arguments) // READ_SHARE)
        return context.charge(function.run(context, tuple(map(known, arguments))))
    except Wrong as wrong:
        at = node.arguments[wrong.argument] if 0 <= wrong.argument < len(node.arguments) else node
        context.report(wrong.code, at.start, at.end, f"`{node.name}`: {wrong.message}", wrong.hint)
        return BAD


def _report_unknown(node: tree.Call, context: Context, names: list[str]) -> None:
    near = close_matches(node.name, [*names, "try", "can"], n=1)
    hint = _NOT_OFFERED.get(node.name, f"did you mean `{near[0]}`?" if near else "the manual lists all functions")
    end = node.start + len(node.name)
    context.report("T0046", node.start, end, f"there is no function `{node.name}`", hint)


def _count_fits(node: tree.Call, context: Context, function: Function, count: int) -> bool:
    if function.least <= count and (function.most < 0 or count <= function.most):
        return True
    if function.most < 0:
        wanted = f"at least {function.least}"
    elif function.least == function.most:
        wanted = str(function.least)
    else:
        wanted = f"{function.least} to {function.most}"
    plural = "" if wanted.endswith("1") else "s"
    message = f"`{node.name}` takes {wanted} argument{plural}, not {count}"
    context.report("T0047", node.start, node.end, message, f"its form is `{function.signature}`")
    return False


def _attempt(node: tree.Call, context: Context, evaluate: Evaluate) -> Value:
    """`try(a, b, …)`: the first argument that has a value; `can(a)`: whether it has one."""
    if not node.arguments or (node.name == "can" and len(node.arguments) != 1):
        wanted = "1 argument" if node.name == "can" else "at least 1 argument"
        context.report("T0047", node.start, node.end, f"`{node.name}` takes {wanted}, not {len(node.arguments)}")
        return BAD
    diagnostics, needs = context.diagnostics, context.needs
    for argument in node.arguments:
        context.diagnostics, context.needs = [], set()
        try:
            value = evaluate(argument, context)
        finally:
            found, edges = context.diagnostics, context.needs
            context.diagnostics, context.needs = diagnostics, needs
        diagnostics.extend(finding for finding in found if finding.code in ("T0046", "T0049"))
        if value is not BAD or any(finding.code in ("T0046", "T0049") for finding in found):
            needs |= edges
            return True if node.name == "can" and value is not BAD else value
        if node.name == "can":
            return False
    context.report(
        "T0048", node.start, node.end, "`try`: none of its arguments has a value", "add a last one that always has"
    )
    return BAD
