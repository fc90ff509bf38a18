"""The examples that a visitor is shown: what they find is what is claimed of it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the extra `evolve` is not installed")

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "evolve"


@pytest.fixture
def circles(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / "circles", tmp_path / "circles"))


def test_a_packing_is_strictly_valid_and_can_be_drawn(circles: Path) -> None:
    source = circles / "pack.py"
    source.write_text(source.read_text().replace("ROUNDS = 10", "ROUNDS = 1"))
    code = "import json, metric, pack\nprint(json.dumps(metric.score(None, pack.pack())))"
    score = float(subprocess.run([sys.executable, "-c", code], cwd=circles, capture_output=True, check=True).stdout)
    assert 2.5 < score < 2.63599
    drawn = subprocess.run([sys.executable, "draw.py"], cwd=circles, capture_output=True, text=True, check=True).stdout
    assert drawn.count("<circle") == 26
    assert (circles / "circles.svg").read_text().count("2.635983") == 2, "the picture is of the best that was found"


@pytest.mark.slow
def test_circles_come_nearer_by_the_command(circles: Path, run_tarscli: Tarscli) -> None:
    words = ("evolve", "pack.py", "--metric", "metric.py", "--budget", "evaluations=16", "--seconds", "60")
    came = json.loads(run_tarscli(*words, "--seed", "1", "--json", folder=circles).stdout)
    assert came["score"] >= came["before"] + 0.001
    assert came["score"] < 2.635984
