"""The values of an evolution: candidates, their figures, and the seam of what can be evolved."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Diagnostic, Digest, Json
from tars.evolve.patch import Op, Patch

WORST: Final = float("-inf")


class Figures(Prefab, frozen=True):
    """What was measured of a candidate. A larger `score` is better, whatever the metric's direction; it is the mean of
    `samples`. `carry` is what the candidate's own answer offers for its slots."""

    score: float = attribute(default_factory=lambda: WORST)  # `attribute` cannot write infinity as a default
    seconds: float = 0.0
    fault: str = ""
    text: str = ""
    samples: tuple[float, ...] = ()
    others: Mapping[str, float] = attribute(default_factory=dict)
    carry: Mapping[str, Json] = attribute(default_factory=dict)


class Candidate(Prefab, frozen=True):
    """One version that was tried. Number 0 is the version before; `parents` are numbers, the one changed first."""

    number: int
    text: str
    parents: tuple[int, ...] = ()
    producer: str = ""
    patch: Patch | None = None
    figures: Figures = Figures()

    @property
    def score(self) -> float:
        return self.figures.score


class Symptom(Prefab, frozen=True):
    """What an analysis found of one node of a metascript, of a source, or of its beliefs: `score` says from 0 to 1 how
    much it matters, `figures` what it rests on."""

    code: str
    node: str
    text: str
    score: float
    figures: Mapping[str, float] = attribute(default_factory=dict)


class Step(Prefab, frozen=True):
    """One change that is allowed and promising, and why: its operations, or, where there are none yet, whose turn it
    is to make some. `score` is what it may gain, from 0 to 1."""

    producer: str
    why: str
    score: float
    ops: tuple[Op, ...] = ()

    def say(self) -> str:
        """In one line: what would be done, and why."""
        done = "; ".join(
            f"{one.kind} " + " ".join(f"{name}={value}" for name, value in one.arguments.items()) for one in self.ops
        )
        return f"{self.score:.2f}  {done or self.producer}: {self.why}"


class Plan(Prefab, frozen=True):
    """Steps in the order in which they are to be tried, and who said so: `rules`, or a model that put them in order."""

    steps: tuple[Step, ...] = ()
    by: str = "rules"


class Subject(Protocol):
    """Something that can be evolved: what its text may become, and how good a text is.

    Neither method trusts the text: what it does happens in a jail.
    """

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def exact(self) -> bool:
        """Whether no chance is at play in its figures."""
        ...

    def apply(self, text: str, patch: Patch) -> str:
        """The text after the patch. Raises `PatchError`."""
        ...

    def findings(self, before: str, after: str) -> Sequence[Diagnostic]:
        """What the rule pack, and a compiler, have against the change; cheap, and nothing is run."""
        ...

    def diagnostics(self, text: str) -> Sequence[Diagnostic]:
        """What is wrong with a text as it stands: what a mend may begin from."""
        ...

    def screen(self, text: str, worker: int, floor: float = WORST) -> Figures:
        """A quick measurement, the same for every candidate. What comes out above `floor`, the best score so far, may
        be measured on more cases, so that luck does not win. `worker` numbers the threads from 0."""
        ...

    def confirm(self, text: str, seed: int) -> Figures:
        """A strict measurement in a fresh jail, on cases that no search has seen."""
        ...

    def guarded(self) -> Mapping[str, Digest]:
        """The digests, as they are now, of everything that judges."""
        ...

    def close(self) -> None: ...
