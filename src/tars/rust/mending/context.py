"""What rules and proposers are shown of a workspace at one moment."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.rust.mending.rule import Symbols
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place, RustDiagnostic
from tars.store import Store


class Ask(Protocol):
    """A chat model: the answer to a prompt, as the JSON text that the schema asks for."""

    def __call__(self, prompt: str, schema: Mapping[str, object], *, seed: int) -> str: ...


class Assist(Prefab, frozen=True):
    """What a language server offers to do at a place. `kind` is its word for it: `quickfix`, `refactor.rewrite`."""

    title: str
    kind: str
    changes: tuple[Change, ...]


class Assists(Protocol):
    """What a language server offers at a place of these files. May raise `TarsError`."""

    def __call__(self, files: Mapping[str, SourceFile], place: Place) -> Sequence[Assist]: ...


class Resources(Prefab, frozen=True, slots=False):
    """What an episode may use beside the workspace; what is missing is simply not used."""

    store: Store | None = None
    """The project's store: remembered fixes are read from it, and nothing is written to it by a proposer."""
    ask: Ask | None = None
    seed: int = 0
    assists: Assists | None = None
    look: Callable[[], None] = lambda: None
    """Looks at the clock before work that may be long. Raises `OverBudgetError` where the time is used up."""


NOTHING = Resources()


class Workbench(Prefab, frozen=True, slots=False):
    """A `Context` (`tars.rust.mending.rule`) over frozen values; `ask_types` puts the probe, answers are remembered.
    Symbols are gathered when they are first asked for."""

    files: Mapping[str, SourceFile]
    diagnostics: Sequence[RustDiagnostic]
    gather: Callable[[Mapping[str, SourceFile], str], Symbols]
    edition: str
    ask_types: Callable[[Sequence[Place]], Sequence[str | None]]
    resources: Resources = NOTHING
    faults: list[str] = attribute(default_factory=list)
    """What broke down while it proposed; the search goes on without it, and its result names it."""
    guesses: bool = False
    """Whether the rules that guess are asked, and not the others."""
    _types: dict[Place, str | None] = attribute(default_factory=dict)

    @cached_property
    def symbols(self) -> Symbols:
        return self.gather(self.files, self.edition)

    def types(self, expressions: Sequence[Place]) -> Sequence[str | None]:
        new = [one for one in expressions if one not in self._types]
        if new:
            self._types.update(zip(new, self.ask_types(new), strict=True))
        return [self._types[one] for one in expressions]
