"""What evaluating an expression needs beside the expression: names, references, where findings go, and limits."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Diagnostic, Json, Related, Severity, Span
from tars.lang.meaning.places import Places
from tars.lang.meaning.primitives import STRING_MAX, Value, Wrong
from tars.lang.syntax.tree import Expression, GetAttribute, Index, Name
from tars.lang.values import Declaration

DEPTH_MAX: Final = 120
"""How deep expressions may nest, and references may lead to references."""
WORK_MAX: Final = 2_000_000
"""How many elements, and how many times 16 characters, all expressions of a metascript may make together; what they
only read counts less, by `READ_SHARE`."""
READ_SHARE: Final = 4
"""How many elements can be read for the work of making one."""
RANGE_MAX: Final = 100_000
"""The most elements of one `range`."""

HINTS: Final[Mapping[str, str]] = {
    "T0034": "the value and the type must agree: change one of them",
    "T0048": "where a value may be missing or unfit, give another: `try(expression, fallback)`",
    "T0050": "paths are relative to the metascript's folder",
    "T0052": "write the plain name of the file",
    "T0049": "the limits keep every command quick; compute large things in a module",
}
"""The next step where the place of the finding knows no better one."""

Step: TypeAlias = GetAttribute | Index
Resolve: TypeAlias = "Callable[[Name, Sequence[Step], Context], tuple[Value, int]]"
"""The value of a reference's first steps, and how many of them were used up."""


Recall: TypeAlias = Callable[[str, int], Sequence[Mapping[str, Any]]]
"""The passages that answer a question, at most so many; `text` is None where a file no longer says it."""
Believed: TypeAlias = Callable[[Declaration], Sequence[Mapping[str, Json]]]
"""The beliefs of the project's memory that a `belief_graph` includes, as they are now."""


class Around(Prefab, frozen=True):
    """What the meaning of a metascript rests on beside the project's files."""

    environ: Mapping[str, str] | None = None
    """The environment to read instead of the process's own."""
    texts: Mapping[str, str] = attribute(default_factory=dict)
    """Texts of files, by their path in the project, that count instead of what is on the disk: what an editor has not
    saved yet."""
    recall: Recall | None = None
    """What asks the project's memory; without it, memory is empty."""
    believed: Believed | None = None
    """What has the project's beliefs; without it a graph has those that it declares."""


class World:
    """What all expressions of one load share: the project's files, the environment, and the work that is left."""

    __slots__ = ("believed", "environ", "environment_reads", "places", "reads", "recall", "wanted", "work")

    def __init__(self, places: Places, environ: Mapping[str, str]) -> None:
        self.places = places
        self.environ = environ
        self.reads: dict[str, None] = {}
        self.environment_reads: dict[str, None] = {}
        self.wanted: list[tuple[str, str, int, int]] = []
        """Paths at which something must be, each with the file and the place that name it."""
        self.work = WORK_MAX
        self.believed: Believed | None = None
        self.recall: Recall | None = None
        """What asks the project's memory; without it, memory is empty."""


class Context:
    """Where one expression stands. `needs` collects the addresses of modules that its value rests on."""

    __slots__ = ("depth", "diagnostics", "folder", "item", "names", "needs", "path", "resolve", "world")

    def __init__(self, path: str, folder: str, world: World, resolve: Resolve, diagnostics: list[Diagnostic]) -> None:
        self.path = path
        self.folder = folder
        self.world = world
        self.resolve = resolve
        self.diagnostics = diagnostics
        self.names: dict[str, Value] = {}
        self.item: Value = None
        self.needs: set[str] = set()
        self.depth = 0

    def report(
        self, code: str, start: int, end: int, message: str, hint: str = "", related: tuple[Related, ...] = ()
    ) -> None:
        span = Span(self.path, start, end)
        hint = hint or HINTS.get(code, "")
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, message, span, hint, related))

    def report_wrong(self, wrong: Wrong, node: "Expression | Any") -> None:
        self.report(wrong.code, node.start, node.end, wrong.message, wrong.hint)

    def charge(self, value: Value) -> Value:
        """The value, once what it weighs is taken from the work that is left. Raises `Wrong` as `spend` does."""
        self.spend(weight(value, self.world.work))
        return value

    def spend(self, work: int) -> None:
        """Takes from the work that is left. Raises `Wrong` where that is not enough."""
        self.world.work -= work
        if self.world.work < 0:
            raise Wrong(
                "the expressions of this metascript take too much work",
                f"the limit is {WORK_MAX:,} steps in all; compute so much in a module",
                code="T0049",
            )


def weight(value: Value, most: int) -> int:
    """How many elements and how many times 16 characters a value has; stops counting beyond `most`."""
    if isinstance(value, str):
        if len(value) > STRING_MAX:
            raise too_long()
        return 1 + len(value) // 16
    if not isinstance(value, tuple | dict):
        return 1
    total, waiting = 0, [value]
    while waiting and total <= most:
        at = waiting.pop()
        total += 1
        for item in at.values() if isinstance(at, dict) else at:
            if isinstance(item, str):
                total += 1 + len(item) // 16
            elif isinstance(item, tuple | dict):
                waiting.append(item)
            else:
                total += 1
    return total


def too_long() -> Wrong:
    return Wrong(f"the string has more than {STRING_MAX:,} characters", code="T0049")


class Function(NamedTuple):
    """One function of the language: called with the context and its arguments; `-1` as `most` is no upper limit.

    A function `is_brief` whose time does not grow with its arguments, or which takes its work by itself.
    """

    name: str
    signature: str
    doc: str
    least: int
    most: int
    run: Callable[[Context, tuple[Value, ...]], Value]
    is_brief: bool = False
