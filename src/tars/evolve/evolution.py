"""One session of an evolution from its beginning to its end: search, acceptance, record."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import StoreError, TarsError, UsageError
from tars.core.values import Json
from tars.episode.values import Ended, Step
from tars.evolve.errors import BrokenError, TamperError
from tars.evolve.judging.accept import Terms, accept
from tars.evolve.metascripts.graph import apply_to_metascript
from tars.evolve.patch import digest_of
from tars.evolve.records import ENDED, PLAN, Session, begin, ended, kept_of, note, sessions
from tars.evolve.searching.planner import ordered_by_model, plan_of_metascript, read_plan, told
from tars.evolve.searching.search import Remark, Search, Searched, Settings, Tried
from tars.evolve.sources.source import apply_to_source
from tars.evolve.values import Candidate, Plan, Subject, Symptom
from tars.store import Store
from tars.store.lock import Lock

VERSIONS_MAX: Final = 3
"""So many versions one session may make, unless that is raised."""


class Evolution(Prefab):
    """What is evolved, how, and with whom. `target` is the path relative to the project; `symptoms` is what an analysis
    found of it."""

    store: Store
    subject: Subject
    target: str
    text: str
    settings: Settings
    terms: Terms
    asked: dict[str, Json]
    """What a session has to be asked for again to be the same, such as the metric's name and the seed."""
    ask: Any = None
    cancel: Flag = attribute(default_factory=Flag)
    symptoms: Sequence[Symptom] = ()


class Planned(Prefab, frozen=True):
    """The plan of the session, and what it was made of."""

    plan: Plan
    symptoms: Sequence[Symptom]


class Came(Prefab, frozen=True):
    """What came of it. `accepted` passed every gate; `best` is what the search liked best."""

    session: Session
    searched: Searched
    best: Candidate
    accepted: Candidate | None
    why: str


def evolve(
    evolution: Evolution, resume: Session | None = None
) -> Generator[Planned | Tried | Remark | Step, None, Came]:
    """Yields what happens. A session that is given goes on where it was; nothing that is recorded is tried again.

    Raises `TarsError` where another evolution of the same target is at work, and where it is interrupted, and
    `TamperError` where what judges was changed, and `UsageError` where nobody can make a candidate or a figure that
    is to be held is not measured.
    """
    with _alone(evolution.store, evolution.target):
        session = resume or begin(
            evolution.store, evolution.target, evolution.asked, evolution.subject.guarded(), evolution.text
        )
        try:
            searched, came = yield from _worked(evolution, session, resumed=resume is not None)
        except (TamperError, BrokenError, UsageError) as error:
            body: dict[str, Json] = {"why": "failed", "accepted": None, "said": error.message}
            note(evolution.store, session, ENDED, body)
            raise
        except StoreError as error:
            error.hint = "; ".join(
                filter(None, (error.hint, "all that was told of is recorded: go on with `--resume`"))
            )
            raise
        archive = searched.archive
        chosen = came.proposal.change if came.proposal is not None else None
        best = archive.candidates[archive.best]
        body = {
            "why": searched.why, "accepted": chosen.number if chosen else None, "said": came.log.why,
            "evaluations": len(archive.candidates) - 1, "refused": searched.refused,
            "seconds": round(searched.seconds, 3), "best": best.number, "digest": digest_of(best.text),
            "before": archive.candidates[0].score, "score": best.score,
            "shares": {name: round(share, 4) for name, share in searched.shares.items()},
            "told": dict(searched.told),
        }  # fmt: skip
        note(evolution.store, session, ENDED, body)
        return Came(session, searched, best, chosen, came.log.why)


def _worked(
    evolution: Evolution, session: Session, *, resumed: bool
) -> Generator[Planned | Tried | Remark | Step, None, tuple[Searched, Ended[Candidate]]]:
    """Plan, search and acceptance. Raises `TarsError` where it is interrupted in any of them."""
    store, subject = evolution.store, evolution.subject
    plan = yield from _plan(evolution, session)
    kept = kept_of(store, session) if resumed else {}
    held = tuple(one.name for one in evolution.terms.keep)
    search = Search(subject, session, evolution.settings, store, kept, evolution.ask, evolution.cancel, plan, held)
    searched = yield from search.run()
    ranked = searched.archive.ranked()
    if searched.why != "cancelled":
        steps = accept(store, session, subject, ranked, evolution.terms)
        while not evolution.cancel.is_set():
            try:
                yield next(steps)
            except StopIteration as end:
                return searched, end.value
        steps.close()
    raise TarsError(
        f"interrupted after {len(searched.archive.candidates) - 1} candidates, which are all recorded",
        hint="go on with `--resume`",
    )


def _plan(evolution: Evolution, session: Session) -> Generator[Planned | Remark, None, Plan]:
    """The plan that is recorded with the session, else a new one, which is recorded. A source has none: what earlier
    evolutions tell of it would make another lineage of the same seed."""
    entry = evolution.store.latest(PLAN, key=session.id)
    if entry is not None:
        return read_plan(entry.body)
    subject, symptoms = evolution.subject, evolution.symptoms
    plan = Plan()
    if subject.language == "tars":
        findings = subject.diagnostics(session.text)
        plan = plan_of_metascript(session.text, findings, symptoms, mending=subject.exact)
    if evolution.ask is not None and plan.steps:
        plan, wrong = ordered_by_model(plan, symptoms, evolution.ask, evolution.settings.seed)
        if wrong:
            yield Remark(f"the model made no plan: {wrong}", "the rules' own plan is followed")
    note(evolution.store, session, PLAN, told(plan, symptoms))
    yield Planned(plan, symptoms)
    return plan


def unfinished(store: Store, target: str) -> Session | None:
    """The newest session of the target, where it was killed before its end."""
    for session in sessions(store, target):
        return session if ended(store, session) is None else None
    return None


def text_of(store: Store, session: Session, number: int) -> str:
    """The text of a candidate: the version before, with the patches of its ancestors applied in turn."""
    apply = apply_to_metascript if session.target.endswith(".tars") else apply_to_source
    kept = kept_of(store, session)
    chain: list[int] = []
    at = number
    while at:
        if at not in kept:
            raise TarsError(f"session {session.id} has no candidate {at}", hint="`tarscli evolve log` lists them")
        if kept[at].pruned:
            raise TarsError(
                f"the patch of candidate {at} was let go of by `tarscli evolve prune`",
                hint="its figures are there: `tarscli evolve show`; the line of an accepted candidate always stays",
            )
        chain.append(at)
        at = kept[at].parents[0]
    text = session.text
    for each in reversed(chain):
        text = apply(text, kept[each].patch)
    return text


@contextmanager
def _alone(store: Store, target: str) -> Iterator[None]:
    lock = Lock(store.root / "locks" / f"evolve-{digest_of(target)[:16]}")
    with lock.exclusive(seconds_max=0.0) as had:
        if not had:
            raise TarsError(f"another evolution of `{target}` is at work", hint="wait for it to end, or interrupt it")
        yield
