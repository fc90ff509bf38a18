"""Acceptance: figures that are to be held, and how scores on several sets of cases come together."""

from pathlib import Path

import pytest

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
    metric = read_metric(str(project / "metric.py"))
    assert metric.keep == ("nodes", "speed:maximize=0")
    subject, text = open_source(project / "target.py", "find", metric, tmp_path / "jails", Given(1, Limits(5.0)))
    better = Candidate(1, TARGET.replace("PLACE = 1.0", "PLACE = 7.0"), (0,), "hand", None, Figures(99.5))
    try:
        with open_store(tmp_path / ".tars") as store:
            session = begin(store, "target.py", {}, subject.guarded(), text)
            steps = accept(store, session, subject, [better], Terms(keep=keep))
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    came = end.value
                    break
    finally:
        subject.close()
    assert (came.proposal is None) == bool(reason)
    assert reason in came.log.why


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
