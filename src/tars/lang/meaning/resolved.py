"""A metascript whose names are resolved, as the checks see it that look at the whole."""

from collections.abc import Sequence
from typing import NamedTuple

from tars.core.values import Diagnostic, Related, Severity, Span
from tars.lang.meaning.collect import Part
from tars.lang.meaning.context import World
from tars.lang.meaning.resolve import ModulePart, Scope
from tars.lang.values import Declaration, Module, Settings


class Resolved(NamedTuple):
    """`modules` and `declarations` are in the order of the files; what has a finding is left out of them."""

    modules: Sequence[tuple[ModulePart, Module]]
    declarations: Sequence[tuple[Scope, Part, Declaration]]
    world: World
    settings: Settings


def place_of(part: ModulePart, attribute: str = "") -> Span:
    """Where a finding about a module's attribute points."""
    return part.scope.span(*part.place(attribute))


def finding(
    code: str, span: Span | None, message: str, hint: str = "", related: tuple[Related, ...] = ()
) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, hint, related)
