"""What agents report is kept, or counted and dropped where no journal holds it; it never harms the run."""

from tars.runner.events import Status
from tars.runner.record import EVENT_BYTES_MAX

from .conftest import Project

KEPT = [rb'{"metric": {"good": 1e3}}', b'{"log": "\\ud83d\\ude00 \xc3\xa9"}', b'{"progress": 0.5, "more": [1]}']
DROPPED = [
    rb'{"log": "lone \ud800 half"}',
    rb'{"metric": {"a\uDFFF": 1}}',
    b'{"metric": {"a": NaN}}',
    b'{"metric": {"a": "no"}}',
    b'{"metric": {"a": true}}',
    b'{"metric": 3}',
    b'{"metric": {"a": -Infinity}}',
    b'{"metric": {"a": 1e999}}',
    b'{"metric": {"a": [' + b"9" * 400 + b".0]}}",
    b'{"belief": {"id": "x\\udc00"}}',
    b'{"log": "\xff"}',
    b'{"unknown": 1}',
    b"[" * 100_000,
    b'{"log": ' + b'{"a": ' * 500 + b"1" + b"}" * 501,
    b"no JSON",
]


def test_only_what_the_journal_holds_is_kept(project: Project) -> None:
    (project.root / "events").write_bytes(b"\n".join([*DROPPED, *KEPT, b""]))
    project.script("agent", f'cat {project.root}/events > "$TARS_EVENTS"')
    ran = project.run()
    assert ran.statuses == {"agent": Status.SUCCEEDED}, ran.finished
    record = ran.finished["agent"].record
    assert record is not None
    kept = [{"metric": {"good": 1000.0}}, {"log": "\U0001f600 é"}, {"progress": 0.5, "more": [1]}]
    assert record["events"] == kept
    assert any(f"{len(DROPPED)} lines that are no events" in notice for notice in ran.notices)


def test_reports_of_a_failure_are_kept_too(project: Project) -> None:
    project.script("agent", 'echo \'{"log": "before"}\' > "$TARS_EVENTS"; exit 1')
    record = project.run().finished["agent"].record
    assert record is not None
    assert record["events"] == [{"log": "before"}]


def test_reports_beyond_what_is_kept_are_told(project: Project) -> None:
    more = b'{"log": "' + b"x" * (1 << 20) + b'"}\n'
    (project.root / "events").write_bytes(more * 17)
    project.script("agent", f'cat {project.root}/events > "$TARS_EVENTS"; exit 1')
    ran = project.run()
    record = ran.finished["agent"].record
    assert record is not None
    assert len(record["events"]) == 15, "whole lines only"
    dropped = 17 * len(more) - EVENT_BYTES_MAX
    assert any(f"more than 16 MiB: the last {dropped} bytes are not kept" in notice for notice in ran.notices)
