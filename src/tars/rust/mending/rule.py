"""The rule seam: one kind of mend for one kind of diagnostic. A rule looks and proposes; it runs and writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from ducktools.classbuilder.prefab import Prefab

from tars.core.plugins import Seam
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place, RustDiagnostic


class Symbols(Protocol):
    """What names, types and traits exist, here and in the standard library. Answered by the project graph.

    Paths are as they would be written in this crate: `std::collections::HashMap`, `crate::shapes::Circle`.
    """

    def paths_of(self, name: str, near: Place | None = None) -> Sequence[str]:
        """Every public path of an item of that name, the likeliest first (the crate's own, then the prelude's origin,
        then `std`, shortest first). With a place: the paths that may be written there."""
        ...

    def traits_with(self, method: str) -> Sequence[str]:
        """The paths of the traits that declare such a method, the likeliest first."""
        ...

    def methods_of(self, type_name: str) -> Sequence["Method"]:
        """The methods of a type, inherent and of the common traits, here and in the standard library. `type_name` is as
        the compiler prints it (`Vec<i32>`, `&str`, `Option<String>`): references and arguments are looked through."""
        ...

    def functions_of(self, type_name: str) -> Sequence["Method"]:
        """The functions of a type, or of a trait, that take no `self`, in the order of their declaration: `Vec::new`,
        `FromStr::from_str`."""
        ...

    def names_like(self, name: str, near: Place | None = None) -> Sequence[str]:
        """Names that are in scope at the place (locals, items, imports, prelude), the nearest in spelling first."""
        ...

    def names_in(self, path: str, near: Place | None = None, *, visible: bool = False) -> Sequence[str]:
        """The names directly in a module or an enum, as its path is written at the place; nothing where there is no
        such thing. With `visible` only those that may be named from the place."""
        ...

    def locals_at(self, near: Place) -> Sequence["Local"]:
        """The locals, parameters and generic parameters in scope at the place, the nearest first, each with its type
        where one is written."""
        ...

    def definition(self, path: str) -> Place | None:
        """Where this crate defines the item of that path or plain name; None for those of other crates."""
        ...

    def fields_of(self, type_name: str) -> Sequence[tuple[str, str, bool]]:
        """Name, type and whether it is public of each field of one of the crate's structs."""
        ...

    def variants_of(self, type_name: str) -> Sequence[str]:
        """The variants of an enum, here or in the standard library, as a pattern would have them (`Some(_)`, `None`,
        `Circle { .. }`)."""
        ...

    def implements(self, type_name: str, trait: str) -> bool | None:
        """Whether the type is known to implement the trait (`Clone`, `Debug`, …); None where that is not known."""
        ...


class Method(Prefab, frozen=True):
    """A method: `signature` is its declaration (`fn len(&self) -> usize`), `returns` its return type as written."""

    name: str
    signature: str
    returns: str
    trait: str = ""
    """The path of the trait it belongs to; empty for an inherent one."""


class Local(Prefab, frozen=True):
    """A name that a pattern or a generic parameter binds; `place` is that of the name where it is bound.

    `kind` is `parameter`, `let`, `pattern` (an arm, a loop, `if let`), `type`, `const` or `lifetime`; `type` is as
    written, and empty where none is.
    """

    name: str
    kind: str
    type: str
    place: Place


class Context(Protocol):
    """What a rule may look at."""

    @property
    def files(self) -> Mapping[str, SourceFile]:
        """The workspace's own Rust files, by path."""
        ...

    @property
    def diagnostics(self) -> Sequence[RustDiagnostic]:
        """All diagnostics of the check; a mend may serve several."""
        ...

    @property
    def symbols(self) -> Symbols: ...
    @property
    def edition(self) -> str: ...
    def types(self, expressions: Sequence[Place]) -> Sequence[str | None]:
        """The types of expressions as the compiler prints them, in one probe; None where it does not tell. Costs a
        probe: ask for all that is needed at once, and only when the text does not tell."""
        ...


class Rule(Protocol):
    """A file `rules/<name>.py` holding `PLUGIN`, named for what it mends: `e0382_clone.py`,
    `syntax_missing_comma.py`."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes it serves: `E0382`, a lint's name, or `""` for the messages that have none."""
        ...

    @property
    def title(self) -> str:
        """What it does, in a few words: `clone what is used after a move`."""
        ...

    @property
    def cites(self) -> tuple[str, ...]:
        """The documents that justify it: `docs:error_codes/E0382.html`, `docs:book/ch04-01-what-is-ownership.html`."""
        ...

    @property
    def examples(self) -> tuple[Example, ...]:
        """Its tests; at least one for each code."""
        ...

    def propose(self, diagnostic: RustDiagnostic, context: Context) -> Iterator[Patch]:
        """Patches for this diagnostic, the best first; nothing where it has none. Must be deterministic.

        `producer` and `citations` may be left empty: they are filled in from the rule.
        """
        ...


RULES: Final[Seam[Rule]] = Seam("Rust rule", "tars.rust.rules", "tars.rust.rules")
