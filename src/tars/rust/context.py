"""What rules are shown of a workspace at one moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tars.rust.rule import Symbols
from tars.rust.source import SourceFile
from tars.rust.values import Place, RustDiagnostic


@dataclass(frozen=True)
class Workbench:
    """A `Context` (see `tars.rust.rule`) over frozen values; `ask_types` puts the probe, answers are remembered."""

    files: Mapping[str, SourceFile]
    diagnostics: Sequence[RustDiagnostic]
    symbols: Symbols
    edition: str
    ask_types: Callable[[Sequence[Place]], Sequence[str | None]]
    _types: dict[Place, str | None] = field(default_factory=dict)

    def types(self, expressions: Sequence[Place]) -> Sequence[str | None]:
        new = [one for one in expressions if one not in self._types]
        if new:
            self._types.update(zip(new, self.ask_types(new), strict=True))
        return [self._types[one] for one in expressions]
