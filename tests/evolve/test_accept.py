"""Acceptance: figures that are to be held, and how scores on several sets of cases come together."""

from pathlib import Path
from typing import Any

import pytest

from tars.core.errors import UsageError
from tars.evolve.judging.accept import Held, Terms, accept
from tars.evolve.judging.metric import joined, read_metric
from tars.evolve.judging.statistics import became_worse
from tars.evolve.records import begin
from tars.evolve.sources.source_subject import Given, Limits, open_source
from tars.evolve.values import Candidate, Figures
from tars.store import open_store

from .conftest import TARGET

METRIC = """DIRECTION = "maximize"
ENTRY = "find"
KEEP = ["nodes", "speed:maximize=0"]


def score(case, answer):
    return {"score": 100 - abs(answer["place"] - 7.5), "nodes": answer["place"], "speed": answer["place"]}
"""


def came_of(project: Path, scratch: Path, before: str, after: str, keep: tuple[Held, ...] = ()) -> Any:
    """How an acceptance of `after`, which is screened as better, ends."""
    (project / "target.py").write_text(before)
    metric = read_metric(str(project / "metric.py"))
    subject, text = open_source(project / "target.py", "find", metric, scratch / "jails", Given(1, Limits(5.0)))
    better = Candidate(1, after, (0,), "hand", None, Figures(99.5))
    try:
        with open_store(scratch / ".tars") as store:
            session = begin(store, "target.py", {}, subject.guarded(), text)
            steps = accept(store, session, subject, [better], Terms(keep=keep))
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    return end.value
    finally:
        subject.close()


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        ((), ""),
        ((Held("nodes"),), "its nodes became worse: 1 to 7"),
        ((Held("nodes", share=9.0), Held("nodes", 0.0, maximize=True)), ""),
        ((Held("beauty"),), "`beauty`, which is to be held, was not measured"),
    ],
)
def test_no_figure_that_is_held_may_become_worse(
    project: Path, tmp_path: Path, keep: tuple[Held, ...], reason: str
) -> None:
    (project / "metric.py").write_text(METRIC)
    assert read_metric(str(project / "metric.py")).keep == ("nodes", "speed:maximize=0")
    came = came_of(project, tmp_path, TARGET, TARGET.replace("PLACE = 1.0", "PLACE = 7.0"), keep)
    assert (came.proposal is None) == bool(reason)
    assert reason in came.log.why


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ('{"place": PLACE if case is None else 0}', ""),
        ('{"place": PLACE}', 'for "home" it answers {"place": 7.0}, where {"place": 0} is due'),
        ('{"place": PLACE if case is None else False}', 'it answers {"place": false}, where {"place": 0} is due'),
        ('{"place": PLACE if case is None else 1 / 0}', "ZeroDivisionError"),
    ],
)
def test_what_must_still_be_answered(project: Path, tmp_path: Path, after: str, reason: str) -> None:
    (project / "metric.py").write_text(f"{METRIC}\ndef regressions(): return [['home', {{'place': 0}}]]\n")
    found = '{"place": PLACE if case is None else 0}'
    begun = f"# tars: evolve\nPLACE = 1.0\n\n\ndef find(case):\n    return {found}\n# tars: end\n"
    better = begun.replace("PLACE = 1.0", "PLACE = 7.0").replace(found, after)
    came = came_of(project, tmp_path, begun, better)
    assert (came.proposal is None) == bool(reason), came.log.why
    assert reason in came.log.why


@pytest.mark.parametrize("said", ["[]", "7", "[[1]]", "1 / 0"])
def test_regressions_that_are_none_are_told(project: Path, tmp_path: Path, said: str) -> None:
    (project / "metric.py").write_text(f"{METRIC}\ndef regressions(): return {said}\n")
    with pytest.raises(UsageError, match=r"`regressions` of .* failed"):
        came_of(project, tmp_path, TARGET, TARGET.replace("PLACE = 1.0", "PLACE = 7.0"))


def test_a_figure_that_was_nothing_and_is_something_is_worse() -> None:
    assert became_worse([0.0], [1.0])
    assert not became_worse([0.0], [0.0])
    assert not became_worse([1.0], [0.0])


def test_cases_come_together_by_their_number() -> None:
    one = Figures(2.0, 1.0, samples=(1.0, 3.0), others={"nodes": 4.0})
    other = Figures(5.0, 2.0, samples=(5.0,), others={"nodes": 1.0})
    both = joined(one, other)
    assert both.score == 3.0
    assert both.seconds == 3.0
    assert both.others == {"nodes": 3.0}
    assert joined(one, Figures(fault="exit")).fault == "exit"
