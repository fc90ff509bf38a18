"""Candidates that attack: each is contained, warm and in a fresh cell, and the next one is not affected."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.evolve.jail.cells import Fresh, Room
from tars.evolve.jail.values import Answered, Job
from tars.evolve.jail.warm import Warm
from tars.evolve.sources.source_subject import SourceSubject

GOOD = "def f(case):\n    return case * 2\n"
SECRET = "TARS_TEST_SECRET"
PARTS = 4
"""In so many tests the attacks are divided, each with a jail of its own."""


def code(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"import os, sys, time, signal, json, socket, subprocess, threading\n\n\ndef f(case):\n{lines}\n"


FAILS = {
    "write-a-file": "open('/usr/made', 'w').write('x')",
    "write-at-home": "open(os.path.expanduser('~root/.bashrc'), 'a').write('x')",
    "read-the-passwords": "return open('/etc/shadow').read()",
    "read-the-metric": "return open('{metric}').read()",
    "write-the-metric": "open('{metric}', 'w').write('def score(case, answer): return 1e9')",
    "write-the-journal": "open('{project}/.tars/journal.db', 'wb').write(b'')",
    "exit": "os._exit(0)",
    "exit-politely": "sys.exit(0)",
    "abort": "os.abort()",
    "hang": "while True: pass",
    "sleep": "time.sleep(600)",
    "memory": "return len(bytearray(8 << 30))",
    "recursion": "return f(case)",
    "kill-the-parent": "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(5)",
    "kill-everything": "os.kill(-1, signal.SIGKILL)\ntime.sleep(5)",
    "stop-the-parent": "os.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(600)",
    "fork-bomb": "while True:\n    try: os.fork()\n    except OSError: pass",
    "network": "socket.create_connection(('127.0.0.1', 22), 2)",
    "huge-answer": "return 'x' * (64 << 20)",
    "endless-answer": "return iter(int, 1)",
    "write-to-every-file": "for n in range(3, 200):\n    try: os.write(n, b'{{}}')\n    except OSError: pass\nos._exit(0)",  # noqa: E501
    "look-into-the-parent": "open(f'/proc/{{os.getppid()}}/mem', 'r+b').seek(0)",
    "descriptors-of-the-parent": "return open(f'/proc/{{os.getppid()}}/fd/1', 'w').write('x')",
    "no-json": "return object()",
    "a-pickle": "import pickle\nreturn pickle.loads(b'cos\\nsystem\\n(S\"touch /usr/made\"\\ntR.').x",
    "wrong-name": "del globals()['f']\nraise KeyError('f')",
    "set-the-clock": "time.clock_settime(time.CLOCK_REALTIME, 0)",
    "mount": "return subprocess.run(['mount', '-t', 'tmpfs', 'x', '/usr'], check=True).args",
}  # fmt: skip
HARMLESS = {
    "print-a-score": ("print('{{\"id\": 1, \"answers\": [1e9], \"seconds\": 0}}', flush=True)\nreturn 0", 0),
    "environment": ("return [name for name in os.environ if 'SECRET' in name]", []),
    "leave-a-process": ("subprocess.Popen(['sleep', '600'], start_new_session=True)\nreturn 1", 1),
    "leave-a-daemon": (
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)\nreturn 1",
        1,
    ),
    "leave-a-thread": ("threading.Thread(target=time.sleep, args=(600,)).start()\nreturn 1", 1),
    "monkeypatch": ("json.dumps = lambda *a, **k: '{{\"answers\": [1e9]}}'\ntime.time = lambda: 0\nreturn 1", None),
    "ignore-signals": ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nreturn 1", 1),
}  # fmt: skip


@pytest.fixture(params=["warm", "fresh"])
def jail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warm | Fresh]:
    folder = tmp_path / "jail"
    folder.mkdir()
    made = Warm(Room(), folder, 256 << 20) if request.param == "warm" else Fresh(Room(), folder)
    yield made
    made.close()


def attack(jail: Warm | Fresh, body: str, project: Path, seconds: float = 0.7) -> Answered:
    source = code(body.format(metric=project / "metric.py", project=project))
    return jail.run(Job(source, "f", [[21]], 1, seconds, 256 << 20, 1 << 20))


@pytest.mark.parametrize("part", range(PARTS))
def test_attacks_fail_and_the_next_candidate_is_not_affected(
    jail: Warm | Fresh, part: int, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "x")
    (project / ".tars").mkdir()
    (project / ".tars/journal.db").write_bytes(b"precious")
    before = (project / "metric.py").read_text()
    for name, body in list(FAILS.items())[part::PARTS]:
        found = attack(jail, body, project)
        assert found.fault, f"{name}: {found}"
        assert jail.run(Job(GOOD, "f", [[21]], seconds_max=60)).answers == (42,), name
    for name, (body, expected) in list(HARMLESS.items())[part::PARTS]:
        found = attack(jail, body, project, 60)
        assert found.answers == (expected,) or (expected is None and found.answers), f"{name}: {found}"
        assert jail.run(Job(GOOD, "f", [[21]], seconds_max=60)).answers == (42,), name
    assert (project / "metric.py").read_text() == before
    assert (project / ".tars/journal.db").read_bytes() == b"precious"
    assert not os.path.exists("/usr/made")
    assert len(FAILS) + len(HARMLESS) >= 30


@pytest.mark.parametrize("name", ["leave-a-process", "leave-a-daemon"])
def test_nothing_that_a_candidate_leaves_goes_on(name: str, tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "jail"
    folder.mkdir()
    warm = Warm(Room(), folder, 256 << 20)
    try:
        attack(warm, HARMLESS[name][0], project, 60)
        if not warm.alone:
            pytest.skip("this sandbox has no process numbers of its own")
        look = "import os\ndef f(case):\n    return [n for n in os.listdir('/proc') if n.isdigit()]"
        # What was killed may take a moment to be gone.
        left = (warm.run(Job(look, "f", [[1]])).answers[0] for _ in range(100))
        assert any(len(each) <= 3 for each in left)
    finally:
        warm.close()


@pytest.mark.parametrize("answer", ["float('nan')", "float('inf')", "'7'", "None", "[]"])
def test_a_score_that_is_no_finite_number_is_a_fault(subject: SourceSubject, answer: str) -> None:
    source = f"def find(case):\n    return {{'place': {answer}}}\n"
    assert subject.screen(source, 0).fault == "refused"


def test_the_metric_is_never_in_the_candidates_process(subject: SourceSubject) -> None:
    source = (
        "import sys\ndef find(case):\n    return {'place': 7.5 if 'score' in dir(sys.modules['__main__']) else 0}\n"
    )
    assert subject.screen(source, 0).score == 92.5


def test_what_judges_stays_until_it_hangs_and_never_meets_a_candidate(tmp_path: Path) -> None:
    judge = "asked = []\n\n\ndef f(case):\n    asked.append(case)\n    while case < 0: pass\n    return len(asked)\n"
    folder = tmp_path / "jail"
    folder.mkdir()
    warm = Warm(Room(), folder, 256 << 20)

    def answers(case: int, *, stays: bool = True, source: str = judge) -> tuple[object, ...]:
        return warm.run(Job(source, "f", [[case]], seconds_max=1 if case < 0 else 60, stays=stays)).answers

    try:
        assert [answers(1), answers(1)] == [(1,), (2,)]
        assert answers(1, stays=False) == (1,), "one that is asked once is loaded anew"
        assert answers(1) == (1,), "and ends the one that stayed"
        assert warm.run(Job(judge, "f", [[-1]], seconds_max=1, stays=True)).fault == "timeout"
        assert answers(1) == (1,)
        assert answers(1, source=judge + "\n") == (1,), "another source is another process"
        assert answers(1, source="import os\ndef f(case):\n    os._exit(0)\n") == ()
        assert answers(1) == (1,)
    finally:
        warm.close()
