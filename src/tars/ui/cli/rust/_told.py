"""What `rust fix` tells of a mend: the patch with its proof, or what was found and tried, and what is open."""

import re
from collections.abc import Mapping, Sequence

from tars.episode.values import Status
from tars.rust.checking.foreign import links_out, shown, why_left
from tars.rust.checking.workspace import Target
from tars.rust.failing.told import Failure, failures_of
from tars.rust.mending.fix import Mended
from tars.rust.patches.patch import bind
from tars.rust.syntax.diff import unified_diff
from tars.rust.values import RustDiagnostic
from tars.ui.cli.console import Console
from tars.ui.cli.printable import one_line, printable, shortened
from tars.ui.cli.times import plural

Files = Mapping[str, bytes]
LEFT_MAX = 10
FAILURE_MAX = 400


def place_text(diagnostic: RustDiagnostic, files: Files) -> str:
    """Where a diagnostic is: `src/lib.rs:12:5`; empty where it points nowhere."""
    place = diagnostic.primary
    if place is None:
        return ""
    data = files.get(place.path)
    if data is None:
        said = re.search(rf"--> ({re.escape(place.path)}:\d+:\d+)$", diagnostic.rendered, re.M)
        return shown(said[1] if said else place.path)
    start = data.rfind(b"\n", 0, place.start) + 1
    column = len(data[start : place.start].decode("utf-8", "replace")) + 1
    return f"{place.path}:{data.count(bytes([10]), 0, place.start) + 1}:{column}"


def diagnostic_line(diagnostic: RustDiagnostic, files: Files) -> str:
    """One diagnostic in one line."""
    where = place_text(diagnostic, files)
    code = f"{diagnostic.code}: " if diagnostic.code else ""
    return printable(f"{code}{diagnostic.message}").replace("\n", " ") + (f" ({one_line(where)})" if where else "")


def diagnostic_json(diagnostic: RustDiagnostic, files: Files) -> dict[str, object]:
    return {
        "code": diagnostic.code, "kind": diagnostic.kind.value, "message": diagnostic.message,
        "place": place_text(diagnostic, files), "rendered": diagnostic.rendered,
    }  # fmt: skip


def found_in(mended: Mended) -> Sequence[RustDiagnostic]:
    """What was wrong at first: the errors, or, where there is none, the lints that are in the way."""
    if mended.before is None:
        return ()
    return mended.before.errors or (mended.before.diagnostics if mended.status is not Status.FINE else ())


def outcome_json(mended: Mended, files: Files, target: Target) -> dict[str, object]:
    """Everything that is known of how it went, besides the patch."""
    log = mended.log
    return {
        "status": mended.status.value, "why": log.why, "goal": log.goal, "probes": log.probes, "tried": log.tried,
        "seconds": round(log.seconds, 3), "lines": mended.lines,
        "errors": [diagnostic_json(one, files) for one in found_in(mended)],
        "failing": [
            {"name": one.name, "text": one.text, "path": one.path, "line": one.line} for one in failing_in(mended)
        ],
        "left": [diagnostic_json(one, files) for one in mended.left],
        "front": [{"errors": s.errors, "tests_passed": s.tests_passed, "lines": s.lines} for s in mended.front],
        "nearest": nearest_diff(mended, files),
        "offers": [{"guard": one.guard, "reason": one.reason, "lines": one.lines} for one in mended.offers],
        "questions": questions_of(mended, files, target),
    }  # fmt: skip


def failing_in(mended: Mended) -> tuple[Failure, ...]:
    """The tests that fail, where it builds or something makes it build: nothing mends them."""
    return failures_of(mended.tested_before) if mended.tested_before is not None else ()


def questions_of(mended: Mended, files: Files, target: Target) -> list[str]:
    """What a person would have to decide or tell, so that it could go on."""
    if mended.status in (Status.DONE, Status.FINE):
        return []
    found = [
        f"may `{one.guard}` be lifted? `--allow {one.guard}` would mend it: {one.reason} ({plural(one.lines, 'line')})"
        for one in mended.offers
    ]
    for one in mended.left[:LEFT_MAX]:
        line = diagnostic_line(one, files)
        path = one.primary.path if one.primary else ""
        own = not path or path in files
        found.append(f"what is meant where {line}?" if own else f"{line}: {why_left(target, path)}")
    found += [f"what is `{one.name}` to find?" for one in failing_in(mended)[:LEFT_MAX]]
    return [printable(one) for one in found]


def tell_unmended(mended: Mended, files: Files, target: Target, console: Console) -> None:
    """What was found, what was tried, and which questions are open."""
    console.say(f"{console.styled('Not mended:', 'error')} {printable(mended.log.why)}")
    detail = mended.before.detail.strip() if mended.before is not None else ""
    if detail and detail not in mended.log.why:
        console.say(printable(detail))
    if detail and (link := links_out(target)):
        console.say(printable(link))
    found = [diagnostic_line(one, files) for one in found_in(mended) if one.level == "error" or not failing_in(mended)]
    _list("Found:", [*found, *(_failure_line(one) for one in failing_in(mended))], console)
    tried = [f"{plural(mended.log.probes, 'probe')}, {plural(mended.log.tried, 'change')} judged"]
    for standing in mended.front:
        if standing.lines:
            tests = "" if standing.tests_passed is None else f", {plural(standing.tests_passed, 'test')} passing"
            tried.append(
                f"with {plural(standing.lines, 'line')} changed: {plural(standing.errors, 'error')} left{tests}"
            )
    _list("Tried:", tried, console)
    _list("Open questions:", questions_of(mended, files, target), console)
    if mended.nearest:
        left = f"leaves {plural(len(mended.left), 'error')}" if mended.left else "builds, but its tests do not pass"
        console.say(f"What comes nearest {left}. It is not proven and was not kept:")
        console.say(printable(nearest_diff(mended, files)).rstrip("\n"))


def _failure_line(failure: Failure) -> str:
    where = f" ({failure.path}:{failure.line})" if failure.path else ""
    said = "; ".join(line.strip() for line in failure.text.splitlines() if line.strip())
    return printable(shortened(f"{failure.name} fails{where}" + (f": {said}" if said else ""), FAILURE_MAX))


def nearest_diff(mended: Mended, files: Files) -> str:
    """What comes nearest to a mend, as a unified diff; empty where nothing does."""
    if not mended.nearest:
        return ""
    return unified_diff(bind(files, mended.nearest), files).decode("utf-8", "backslashreplace")


def _list(title: str, lines: Sequence[str], console: Console) -> None:
    if lines:
        console.say(title)
    for line in lines[:LEFT_MAX]:
        console.say(f"  {line}")
    if len(lines) > LEFT_MAX:
        console.say(f"  … and {len(lines) - LEFT_MAX} more")
