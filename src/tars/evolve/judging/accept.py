"""Acceptance: an episode that puts the best candidates forward, one after the other, to gates of rising cost.

Rules, what judges being unchanged, running again in a fresh jail (three times, since what passes once may fail twice),
and paired statistics on held-out cases. The first that passes all of them is the proposal; nothing is applied here.
"""

from collections.abc import Generator, Sequence
from statistics import fmean
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Json, Severity
from tars.episode.budget import Budget, Meter
from tars.episode.journal import Journalled
from tars.episode.loop import Case, run_episode
from tars.episode.values import Ask, Ended, Probe, Proposal, Sensed, Size, Step, Verdict
from tars.evolve.judging.statistics import EFFECT, LOOKS, WORSE, became_worse, judge
from tars.evolve.patch import digest_of
from tars.evolve.records import VERDICT, Session, note
from tars.evolve.searching.search import refuse_tampered
from tars.evolve.values import Candidate, Figures, Subject
from tars.store import Store

TRIES: Final = 5
"""So many candidates are put forward at most."""
AGAIN: Final = 3


class Held(Prefab, frozen=True):
    """A figure that may not become worse by more than `share`."""

    name: str
    share: float = WORSE
    maximize: bool = False


class Terms(Prefab, frozen=True):
    """What an acceptance asks for beside a gain of `effect_min`."""

    effect_min: float = EFFECT
    keep: tuple[Held, ...] = ()
    seconds_max: float = 600.0
    seed: int = 0


class _Bench(Prefab):
    """What the gates share: the version before, and what was measured of both."""

    subject: Subject
    session: Session
    terms: Terms
    before: Candidate
    _measured: dict[tuple[str, int], Figures] = attribute(default_factory=dict)

    def confirm(self, text: str, seed: int, ask: Ask, turn: int = 0) -> Figures:
        """A strict measurement, as a probe of the episode: counted, recorded, and bounded by its budget."""
        refuse_tampered(self.session.guarded, self.subject)
        probe = Probe("confirm", {"text": digest_of(text), "seed": seed, "turn": turn})
        found = ask(probe, lambda: self.subject.confirm(text, seed), _FORM, _say)
        refuse_tampered(self.session.guarded, self.subject)
        return found


class _Form:
    """How an episode keeps figures."""

    def to_json(self, value: Figures) -> Json:
        return {"score": value.score if not value.fault else None, "seconds": value.seconds, "fault": value.fault,
                "text": value.text, "others": dict(value.others)}  # fmt: skip

    def from_json(self, value: Json) -> Figures:
        assert isinstance(value, dict)
        others = value["others"]
        assert isinstance(others, dict)
        fault = str(value["fault"])
        score = value["score"]
        return Figures(
            float(score) if isinstance(score, int | float) else float("-inf"),
            float(str(value["seconds"])), fault, str(value["text"]),
            others={name: float(str(one)) for name, one in others.items()},
        )  # fmt: skip


_FORM: Final = _Form()


def _say(figures: Figures) -> str:
    return f"fails: {figures.fault} {figures.text}"[:200] if figures.fault else f"scores {figures.score:g}"


class _RulesGate(Prefab, frozen=True):
    bench: _Bench
    name: str = "rules"

    def judge(self, change: Candidate, ask: Ask) -> Verdict:
        found = self.bench.subject.findings(self.bench.before.text, change.text)
        errors = [one for one in found if one.severity is Severity.ERROR]
        if errors:
            return Verdict(False, f"{errors[0].code}: {errors[0].message}")
        refuse_tampered(self.bench.session.guarded, self.bench.subject)
        return Verdict(True, "the rule pack has nothing against it, and what judges is unchanged")


class _AgainGate(Prefab, frozen=True):
    bench: _Bench
    name: str = "again"

    def judge(self, change: Candidate, ask: Ask) -> Verdict:
        seen = [self.bench.confirm(change.text, 0, ask, turn) for turn in range(AGAIN)]
        failed = next((one for one in seen if one.fault), None)
        if failed is not None:
            return Verdict(False, f"run again in a fresh jail it fails: {failed.fault} {failed.text}"[:300])
        scores = {one.score for one in seen}
        if self.bench.subject.exact and len(scores) > 1:
            return Verdict(False, f"it is flaky: run {AGAIN} times alike it scores {sorted(scores)}")
        return Verdict(True, f"it runs {AGAIN} times out of {AGAIN} in a fresh jail")


class _HeldOutGate(Prefab, frozen=True):
    bench: _Bench
    name: str = "held-out"

    def judge(self, change: Candidate, ask: Ask) -> Verdict:
        bench, terms = self.bench, self.bench.terms
        old: list[Figures] = []
        new: list[Figures] = []
        for look in (1,) if bench.subject.exact else LOOKS:
            while len(old) < look:
                seed = len(old)
                pair = (bench.before.text, old), (change.text, new)
                for text, found in pair if seed % 2 else pair[::-1]:
                    found.append(bench.confirm(text, seed, ask))
            bad = next((one for one in new if one.fault), None)
            if bad is not None:
                return Verdict(False, f"on held-out cases it fails: {bad.fault} {bad.text}"[:300])
            broken = next((one for one in old if one.fault), None)
            if broken is not None:
                return Verdict(False, f"the version before fails on held-out cases: {broken.fault} {broken.text}"[:300])
            judged = judge(
                [one.score for one in old], [one.score for one in new],
                effect_min=terms.effect_min, exact=bench.subject.exact, seed=terms.seed,
            )  # fmt: skip
            if judged.answer != "go on":
                break
        if judged.answer != "better":
            return Verdict(False, judged.say())
        for held in terms.keep:
            before, after = _figure(old, held.name), _figure(new, held.name)
            if before is None or after is None:
                return Verdict(False, f"the figure `{held.name}`, which is to be held, was not measured")
            worse = (after, before) if held.maximize else (before, after)
            if became_worse(*worse, share=held.share):
                return Verdict(False, f"its {held.name} became worse: {fmean(before):g} to {fmean(after):g}")
        return Verdict(True, judged.say())


def _figure(figures: Sequence[Figures], name: str) -> list[float] | None:
    """Of each measurement; None where one of them does not tell it."""
    if name == "seconds":
        return [one.seconds for one in figures]
    return None if any(name not in one.others for one in figures) else [one.others[name] for one in figures]


class _Task(Prefab, frozen=True):
    """The episode's side of it: there is nothing to apply, and so nothing to take back."""

    bench: _Bench
    store: Store
    candidates: Sequence[Candidate]

    @property
    def goal(self) -> str:
        return f"a better {self.bench.subject.name}"

    def sense(self, ask: Ask) -> Sensed:
        if not self.candidates:
            return Sensed(True, "no candidate is better than the version before")
        return Sensed(False, f"{len(self.candidates)} candidates look better than the version before")

    def size(self, change: Candidate) -> Size:
        return Size(1, 0)

    def name(self, change: Candidate) -> str:
        return f"candidate {change.number}"

    def rollback(self, change: Candidate) -> None:
        """A candidate that is refused leaves nothing behind."""

    def reflect(self, proposal: Proposal[Candidate]) -> str:
        return f"candidate {proposal.change.number} by {proposal.change.producer} passed every gate"

    def to_json(self, change: Candidate) -> Json:
        return {"number": change.number, "digest": digest_of(change.text)}


class _Forward(Prefab, frozen=True):
    """Puts candidates forward, the best first; of those with one score, the first speaks for all."""

    candidates: Sequence[Candidate]
    name: str = "search"

    def propose(self, ask: Ask) -> Generator[Proposal[Candidate] | None, Verdict | None, None]:
        scores: set[float] = set()
        for one in self.candidates:
            if one.score in scores or len(scores) >= TRIES:
                continue
            scores.add(one.score)
            yield Proposal(one, f"it scored {one.score:g} when it was screened", 0.5, one.producer)


def accept(
    store: Store, session: Session, subject: Subject, ranked: Sequence[Candidate], terms: Terms
) -> Generator[Step, None, Ended[Candidate]]:
    """Yields the episode's steps; returns how it ended, with the accepted candidate where there is one.

    The verdicts are in the journal, with the episode's diary and recording.
    """
    before = Candidate(0, session.text)
    bench = _Bench(subject, session, terms, before)
    gates = (_RulesGate(bench), _AgainGate(bench), _HeldOutGate(bench))
    case: Case[Candidate] = Case(_Task(bench, store, ranked), _Forward(ranked), gates)
    budget = Budget(probes_max=TRIES * (AGAIN + 2 * LOOKS[-1]), seconds_max=terms.seconds_max)
    journal = Journalled(store, session.target, digest_of(session.text), run=session.id)
    ended = yield from run_episode(case, Meter(budget), journal)
    for number, verdicts in _verdicts(ended).items():
        accepted = ended.proposal is not None and ended.proposal.change.number == number
        body: dict[str, Json] = {"accepted": accepted, "gates": list(verdicts)}
        note(store, session, VERDICT, body, number)
    return ended


def _verdicts(ended: Ended[Candidate]) -> dict[int, list[Json]]:
    """What each gate said of each candidate, by its number."""
    found: dict[int, list[Json]] = {}
    current = -1
    for step in ended.log.steps:
        if step.change.startswith("candidate "):
            current = int(step.change.split()[1])
            found[current] = []
        elif step.state.value == "validate" and step.probe is None and current >= 0:
            found[current].append(step.text)
    return found
