"""Puts the probes of an episode, records what they answered, and answers from a recording instead."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.episode.budget import Budget, Meter, OverBudgetError, out_of_time
from tars.episode.values import Form, Probe, State, Step

T = TypeVar("T")
_CLOCK: Final = "clock"
"""What stands for the tool in a recording where the time was found to be used up between two probes."""


class Diary:
    """The steps of an episode as they come; `state` is the one that it is in."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.state = State.SENSE
        self.steps: list[Step] = []

    def tell(self, text: str, *, state: State | None = None) -> None:
        """Adds a step."""
        self.add(Step(0, state or self.state, 0.0, text))

    def add(self, step: Step) -> None:
        """Adds a step, with its number and time."""
        self.steps.append(replace(step, number=len(self.steps) + 1, seconds=self.meter.seconds()))


class Live:
    """An `Ask` that runs what it is asked, and keeps all for a replay in `recording`."""

    def __init__(self, diary: Diary) -> None:
        self.recording: list[Json] = []
        self._diary = diary
        self._known: dict[tuple[object, ...], Any] = {}
        self._looks = 0
        """How often somebody has looked at the clock since the last probe."""

    def __call__(self, probe: Probe, run: Callable[[], T], form: Form[T], say: Callable[[T], str]) -> T:
        key = probe.key()
        if key in self._known:
            known: T = self._known[key]
            return known
        kept: dict[str, Json] = {"tool": probe.tool, "arguments": dict(probe.arguments)}
        self.recording.append(kept)
        self._looks = 0
        try:
            self._diary.meter.count_probe()
            value = run()
        except TarsError as error:
            how = "stopped" if isinstance(error, OverBudgetError) else "failed"
            kept |= {how: error.message, "hint": error.hint, "seconds": self._diary.meter.seconds()}
            if how == "failed":
                self._diary.add(_failure(probe, error.message))
            raise
        except BaseException:
            # Nobody will ever know what it would have answered.
            self.recording.pop()
            raise
        answer = form.to_json(value)
        kept |= {"answer": answer, "seconds": self._diary.meter.seconds()}
        self._known[key] = value
        self._diary.add(_step(probe, answer, say(value)))
        return value

    def look(self) -> None:
        meter = self._diary.meter
        self._looks += 1
        if meter.seconds_left() > 0:
            return
        error = out_of_time(meter.budget)
        kept: dict[str, Json] = {"tool": _CLOCK, "arguments": {"looks": self._looks}, "seconds": meter.seconds()}
        self.recording.append(kept | {"stopped": error.message, "hint": error.hint})
        raise error


class Replayed:
    """An `Ask` that runs nothing: it answers from a recording, in its order. It is also the episode's clock."""

    def __init__(self, recording: list[Json], budget: Budget) -> None:
        self.recording = recording
        self._next = 0
        self._seconds = 0.0
        self._known: dict[tuple[object, ...], Any] = {}
        self._looks = 0
        self.diary = Diary(Meter(budget, self.clock))

    def clock(self) -> float:
        return self._seconds

    def __call__(self, probe: Probe, run: Callable[[], T], form: Form[T], say: Callable[[T], str]) -> T:
        key = probe.key()
        if key in self._known:
            known: T = self._known[key]
            return known
        kept = self._following(probe)
        self._looks = 0
        self._follow_clock(kept)
        self.diary.meter.probes += 1
        if "failed" in kept:
            self.diary.add(_failure(probe, str(kept["failed"])))
            raise TarsError(str(kept["failed"]), hint=str(kept["hint"]))
        value = form.from_json(kept["answer"])
        self._known[key] = value
        self.diary.add(_step(probe, kept["answer"], say(value)))
        return value

    def look(self) -> None:
        self._looks += 1
        kept: Any = self.recording[self._next] if self._next < len(self.recording) else {}
        if kept.get("tool") == _CLOCK and kept["arguments"] == {"looks": self._looks}:
            self._next += 1
            self._follow_clock(kept)

    def _follow_clock(self, kept: Mapping[str, Any]) -> None:
        self._seconds = float(kept["seconds"])
        if "stopped" in kept:
            raise OverBudgetError(str(kept["stopped"]), hint=str(kept["hint"]))

    def _following(self, probe: Probe) -> Mapping[str, Any]:
        number = self._next + 1
        if number > len(self.recording):
            raise TarsError(
                f"the replay asks `{probe.tool}` as probe {number}, and the recording has {len(self.recording)}",
                hint="the program or what it remembers has changed since it was recorded",
            )
        kept = self.recording[self._next]
        assert isinstance(kept, dict)
        if (kept["tool"], kept["arguments"]) != (probe.tool, dict(probe.arguments)):
            raise TarsError(
                f"the replay asks `{probe.tool}` as probe {number}, and the recording has another question there",
                hint="the program or what it remembers has changed since it was recorded",
            )
        self._next = number
        return kept


def _step(probe: Probe, answer: Json, text: str) -> Step:
    return Step(0, State.PROBE, 0.0, text, probe, digest_of(answer))


def _failure(probe: Probe, message: str) -> Step:
    return Step(0, State.PROBE, 0.0, f"no answer: {message}", probe)


def digest_of(answer: Json) -> str:
    """The sha256 of an answer as canonical JSON."""
    text = json.dumps(answer, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
