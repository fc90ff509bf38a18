"""The nine probes of `benchmarks/trust.py`: the cache tells the truth; make, which looks at times, is the control."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "trust.py"
PROBES_SECONDS_MAX = 200

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the probes need a POSIX shell and process groups")


def probes(subject: str) -> dict[str, bool]:
    command = [sys.executable, str(BENCHMARK), "--only", subject, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROBES_SECONDS_MAX, check=False)
    assert done.stdout, done.stderr
    found: dict[str, bool] = json.loads(done.stdout)[subject]
    return found


def test_tars_passes_all_nine_probes() -> None:
    found = probes("TARS")
    assert len(found) == 9
    assert [name for name, passed in found.items() if not passed] == []


def test_the_probes_bite() -> None:
    if shutil.which("make") is None:
        pytest.skip("make, the control, is not on this machine")
    failed = {name for name, passed in probes("make").items() if not passed}
    assert {"touched_but_equal", "edited_with_time_and_size_kept", "output_corrupted"} <= failed
