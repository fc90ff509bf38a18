"""The frozen values of an episode, and the seams: what it is about, who proposes, who judges."""

from collections.abc import Callable, Generator, Mapping
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Json

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
T = TypeVar("T")


class Status(StrEnum):
    """How an episode ended."""

    FINE = "fine"
    """There was nothing to do."""
    DONE = "done"
    """A change was accepted by every gate. It is not applied: that is its owner's act."""
    ABSTAINED = "abstained"
    """Nothing was proposed that holds, or a budget was used up."""
    INTERRUPTED = "interrupted"


class Probe(Prefab, frozen=True):
    """A question to a tool. Equal probes are one question, which is put once in an episode."""

    tool: str
    arguments: Mapping[str, str | int | bool] = attribute(default_factory=dict)

    def key(self) -> tuple[object, ...]:
        return (self.tool, *sorted(self.arguments.items()))


class Form(Protocol[T]):
    """How the answers of a tool are kept: `from_json(to_json(x)) == x`."""

    def to_json(self, value: T) -> Json: ...
    def from_json(self, value: Json) -> T: ...


class Ask(Protocol):
    """Puts a probe. `run` is only called where the answer is not known: not for a probe that was put before, and
    never in a replay. `say` makes of the answer the sentence for the DevLog.

    Raises `OverBudgetError` where the budget does not allow it, or where `run` raises it.
    """

    def __call__(self, probe: Probe, run: Callable[[], T], form: Form[T], say: Callable[[T], str]) -> T: ...

    def look(self) -> None:
        """Looks at the clock, for work between probes that may be long. Raises `OverBudgetError` where the time is
        used up; in a replay where it was."""
        ...


class Proposal(Generic[C], Prefab, frozen=True):
    """A change that its author thinks is right with `confidence` in (0, 1). `citations` say what justifies it."""

    change: C
    reason: str
    confidence: float
    producer: str
    citations: tuple[str, ...] = ()


class Verdict(Prefab, frozen=True):
    """What a gate thinks of a change, in a sentence."""

    accepted: bool
    why: str


class Size(Prefab, frozen=True):
    """How much a change touches."""

    files: int
    lines: int


class Sensed(Prefab, frozen=True):
    """What is the matter; `fine` where nothing is. `plan` is what is to be done about it, for people."""

    fine: bool
    text: str
    plan: str = ""


class Task(Protocol[C]):
    """What an episode is about."""

    @property
    def goal(self) -> str: ...
    def sense(self, ask: Ask) -> Sensed: ...
    def size(self, change: C) -> Size: ...
    def name(self, change: C) -> str:
        """What identifies a change in the DevLog and the journal."""
        ...

    def rollback(self, change: C) -> None:
        """Leaves everything as it was before the change was tried. Called for each change that a gate was shown and
        that is not accepted, also where the gate failed."""
        ...

    def reflect(self, proposal: Proposal[C]) -> str:
        """What is to be remembered of an accepted change, in a sentence."""
        ...

    def to_json(self, change: C) -> Json:
        """The change as the journal keeps it."""
        ...


class Proposer(Protocol[C]):
    """Suggests changes and hears verdicts; applies nothing. Every effect goes through `ask`."""

    def propose(self, ask: Ask) -> Generator[Proposal[C] | None, Verdict | None, None]:
        """Yields a proposal, and is sent the verdict; going on after an acceptance does not happen. Yields None
        wherever the episode may be watched or stopped, at least once a second. Ends where it has nothing more."""
        ...


class Gate(Protocol[C_contra]):
    """Judges a change; changes nothing."""

    @property
    def name(self) -> str: ...
    def judge(self, change: C_contra, ask: Ask) -> Verdict: ...


class State(StrEnum):
    """The states of an episode."""

    SENSE = "sense"
    PLAN = "plan"
    PROBE = "probe"
    PROPOSE = "propose"
    VALIDATE = "validate"
    REFLECT = "reflect"
    ROLLBACK = "rollback"
    REMEMBER = "remember"
    END = "end"


class Step(Prefab, frozen=True):
    """One line of a DevLog, and one event of a timeline: what was done or decided, as a sentence.

    `seconds` are those since the episode began; `observation` is the sha256 of what a tool answered.
    """

    number: int
    state: State
    seconds: float
    text: str
    probe: Probe | None = None
    observation: str = ""
    change: str = ""
    producer: str = ""
    citations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Only what is there."""
        found: dict[str, Json] = {
            "number": self.number, "state": self.state.value, "seconds": round(self.seconds, 3), "text": self.text,
        }  # fmt: skip
        if self.probe is not None:
            found["action"] = {"tool": self.probe.tool, "arguments": dict(self.probe.arguments)}
        texts = {"observation": self.observation, "change": self.change, "producer": self.producer}
        found |= {name: text for name, text in texts.items() if text}
        return found | ({"citations": list(self.citations)} if self.citations else {})


class DevLog(Prefab, frozen=True):
    """The diary of an episode: Plan → Probe → Decide → Patch, with what each rests on. `why` says how it came to its
    status; `tried` is how many changes were validated."""

    goal: str
    status: Status
    why: str
    steps: tuple[Step, ...]
    probes: int
    seconds: float
    tried: int

    def to_json(self) -> dict[str, Json]:
        return {
            "goal": self.goal,
            "status": self.status.value,
            "why": self.why,
            "probes": self.probes,
            "seconds": round(self.seconds, 3),
            "tried": self.tried,
            "steps": [step.to_json() for step in self.steps],
        }


class Ended(Generic[C], Prefab, frozen=True):
    """What came of an episode: the accepted proposal, where there is one, and its DevLog."""

    status: Status
    proposal: Proposal[C] | None
    log: DevLog
