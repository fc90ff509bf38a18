"""What is left on the screen when a run has ended: failures, counts, the version made, and the next step."""

from collections.abc import Mapping

from tars.runner.events import ModuleFinished, RunFinished, Status
from tars.runner.warm import output_lines
from tars.ui.cli.console import Console, Style
from tars.ui.cli.display.board import Board, seconds_text
from tars.ui.cli.printable import printable

WORDS: Mapping[Status, str] = {
    Status.SUCCEEDED: "ran",
    Status.CACHED: "cached",
    Status.FAILED: "failed",
    Status.UNAVAILABLE: "unavailable",
    Status.SKIPPED: "skipped",
    Status.CANCELLED: "cancelled",
}
STYLES: Mapping[Status, Style] = {
    Status.SUCCEEDED: "good",
    Status.CACHED: "quiet",
    Status.FAILED: "error",
    Status.UNAVAILABLE: "warning",
    Status.SKIPPED: "quiet",
    Status.CANCELLED: "warning",
}
FAILURES_MAX = 10
FINDINGS_MAX = 5


def exit_code(end: RunFinished | None, counts: Mapping[Status, int]) -> int:
    """0 done; 130 interrupted; 1 where a module failed; 3 where modules only lack something on this machine."""
    if end is None or end.status is Status.CANCELLED:
        return 130
    if counts.get(Status.FAILED):
        return 1
    if counts.get(Status.UNAVAILABLE):
        return 3
    return 0 if end.status in (Status.SUCCEEDED, Status.CACHED) else 1


def show_summary(board: Board, console: Console, file: str = "") -> None:
    """Print the summary on stderr; `file` is the metascript as the user named it, for the hints."""
    if board.findings is not None:
        from tars.ui.cli.findings import show_findings  # noqa: PLC0415 - most metascripts have none

        show_findings(board.findings.diagnostics, board.findings.texts, console)
    for failure, tail in board.failures[:FAILURES_MAX]:
        for line in failure_lines(board, failure, tail, console):
            console.note(line)
    hidden = len(board.failures) - FAILURES_MAX
    if hidden > 0:
        console.note(f"… and {hidden} more failures; `tarscli history` lists them")
    if board.end is None:
        return
    if len(board.modules) > 3 and board.slowest and max(board.slowest)[0] >= 1.0:
        slow = sorted(board.slowest, reverse=True)[:3]
        console.note("Slowest: " + ", ".join(f"{board.label(name)} {seconds_text(time)}" for time, name in slow))
    console.note(closing_line(board, console))
    if not console.json:
        for line in output_lines(board.end.outputs):
            console.write(printable(line))
    hint = next_step(board, file)
    if hint:
        console.note(f"{console.styled('Hint:', 'place')} {hint}")


def closing_line(board: Board, console: Console) -> str:
    """One line: how the run ended, how many modules did what, how long it took, and the version it made."""
    end = board.end
    assert end is not None
    total = sum(board.counts.values())
    parts = [
        console.styled(f"{board.counts[status]} {word}", STYLES[status])
        for status, word in WORDS.items()
        if board.counts[status]
    ]
    if end.status in (Status.SUCCEEDED, Status.CACHED):
        head = console.styled("Done", "good")
    elif end.status is Status.CANCELLED:
        head = console.styled("Interrupted", "warning")
    else:
        head = console.styled("Failed", "error")
    modules = f"{total} module{'' if total == 1 else 's'}"
    tail = f"; made {console.styled(f'v{end.version}', 'strong')}" if end.version is not None else ""
    if end.version is None and end.status in (Status.SUCCEEDED, Status.CACHED):
        ran = board.counts[Status.SUCCEEDED]
        tail = "; the results are as before, no new version" if ran else "; nothing changed, no new version"
    return f"{head} in {seconds_text(end.seconds)}: {modules} ({', '.join(parts) or 'none'}){tail}"


def failure_lines(board: Board, failure: ModuleFinished, tail: tuple[str, ...], console: Console) -> list[str]:
    """What failed, why, the last lines it wrote, and its own hint."""
    label = board.label(failure.address)
    error = printable(failure.error) or "no reason was given"
    if failure.status is Status.UNAVAILABLE:
        head = error if error.startswith("[ERROR]") else f"{label} cannot run here: {error}"
        lines = ["", console.styled(head, "warning")]
    else:
        lines = ["", f"{console.styled(f'{label} failed', 'error')} after {seconds_text(failure.seconds)}: {error}"]
        if not failure.diagnostics:  # which say the same, and with the place
            lines += [f"  {console.styled('|', 'quiet')} {line}" for line in tail if line.strip()]
    lines += _findings(failure, console)
    told = error + "".join(one.hint for one in failure.diagnostics)
    if failure.hint and failure.hint not in told:
        lines.append(f"  {console.styled('Hint:', 'place')} {printable(failure.hint)}")
    return lines


def _findings(failure: ModuleFinished, console: Console) -> list[str]:
    """What the language's own messages say, each with its source line."""
    if not failure.diagnostics:
        return []
    from tars.ui.cli.findings import finding_text, texts_of  # noqa: PLC0415 - only a failure needs the language

    texts = texts_of(failure.diagnostics, console.project)
    return [finding_text(one, texts, console).rstrip("\n") for one in failure.diagnostics[:FINDINGS_MAX]]


def next_step(board: Board, file: str) -> str:
    """The one command that helps most after this run, or nothing after a good one."""
    end = board.end
    assert end is not None
    if end.status is Status.SUCCEEDED:
        return ""
    from shlex import quote  # noqa: PLC0415 - for what went wrong only

    again = f"tarscli run {quote(file)} --resume" if file else "tarscli run --resume"
    failed = [failure for failure, _ in board.failures if failure.status is Status.FAILED]
    if failed:
        began = failed[0].record is not None  # else the log is that of an earlier run
        logs = f"`tarscli logs {board.label(failed[0].address)}` shows all it wrote; " if began else ""
        return f"{logs}`{again}` runs what is left"
    if board.counts[Status.UNAVAILABLE]:
        return f"`tarscli doctor` shows what is missing and how to install it; then `{again}`"
    if end.status is Status.CANCELLED:
        return f"`{again}` goes on from here"
    return ""
