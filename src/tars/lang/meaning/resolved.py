"""A metascript whose names are resolved, as the checks see it that look at the whole."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tars.core.values import Diagnostic, Related, Severity, Span
from tars.lang.meaning.collect import Part
from tars.lang.meaning.context import World
from tars.lang.meaning.resolve import ModulePart, Scope
from tars.lang.values import Declaration, Module, Settings


class Resolved(NamedTuple):
    """`modules` and `declarations` are in the order of the files; what has a finding is left out of them. `texts` are
    those of the metascript and of all that it includes, by path."""

    modules: Sequence[tuple[ModulePart, Module]]
    declarations: Sequence[tuple[Scope, Part, Declaration]]
    world: World
    settings: Settings
    texts: Mapping[str, str]
    output_at: Span | None
    """Where the settings name the output folder."""


def place_of(part: ModulePart, attribute: str = "") -> Span:
    """Where a finding about a module's attribute points."""
    return part.scope.span(*part.place(attribute))


def finding(
    code: str, span: Span | None, message: str, hint: str = "", related: tuple[Related, ...] = ()
) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, hint, related)
