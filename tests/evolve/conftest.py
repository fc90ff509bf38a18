"""What the tests of evolutions share: a small target with a metric, and a project around them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.evolve.judging.metric import read_metric
from tars.evolve.sources.source_subject import Given, Limits, SourceSubject, open_source
from tars.runner.sandbox import SANDBOXES

TARGET = '''"""Comes near to a number."""

PLACE = 1.0  # tars: 0.0 .. 10.0
KIND = "low"  # tars: "low" | "high"
START = None  # tars: slot


def find(case):
    return {"place": shifted(PLACE), "START": [PLACE]}


# tars: evolve
def shifted(place):
    return place + 0
# tars: end
'''
METRIC = """DIRECTION = "maximize"
ENTRY = "find"

def cases(seed):
    return [seed % 3]

def score(case, answer):
    return 100 - abs(answer["place"] - 7.5)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with `target.py` and `metric.py`."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "target.py").write_text(TARGET)
    (folder / "metric.py").write_text(METRIC)
    return folder


@pytest.fixture(autouse=True)
def sandbox() -> None:
    readiness = SANDBOXES.load("process").readiness()
    if not readiness.ready:
        pytest.skip(f"candidates run in a sandbox only: {readiness.detail}")


@pytest.fixture
def subject(project: Path, tmp_path: Path) -> Iterator[SourceSubject]:
    metric = read_metric(str(project / "metric.py"))
    made, _ = open_source(
        project / "target.py", "find", metric, tmp_path / "jails", Given(1, Limits(1.0, 256 << 20))
    )  # fmt: skip
    made.prepare(2)
    yield made
    made.close()
