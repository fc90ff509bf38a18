"""Shows kept patches: one line of a list, the whole with diff, reasons and anchors, and as JSON."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tars.rust.patches.patch import StalePatchError
from tars.rust.patches.review import Kept, Proof, Reason, State, present_files
from tars.rust.syntax.diff import size_of
from tars.ui.cli.console import Console, Style
from tars.ui.cli.printable import decoded, one_line, printable
from tars.ui.cli.times import plural, when

_DIFF_STYLES: Mapping[str, Style] = {"+": "added", "-": "removed", "@": "place"}


def json_of(kept: Kept) -> dict[str, object]:
    """The patch in the form of its schema, with what became of it."""
    return {**kept.to_json(), "episode": kept.episode, "time": kept.time, "state": str(kept.state)}


def row_of(kept: Kept) -> tuple[str, ...]:
    """One line of `review list`."""
    files = kept.patch.files[0].path if len(kept.patch.files) == 1 else plural(len(kept.patch.files), "file")
    why = kept.reasons[0].text if kept.reasons else ""
    more = f" (+{len(kept.reasons) - 1})" if len(kept.reasons) > 1 else ""
    return kept.short, str(kept.state), when(kept.time), one_line(files), one_line(why) + more


def files_of(kept: Kept, project: Path) -> dict[str, bytes]:
    """The files that the patch was made for, from the work tree as it is now: as they are, or with the patch taken
    back. Raises `StalePatchError` where they are neither."""
    present = present_files(project, kept)
    try:
        kept.patch.applied(present)
    except StalePatchError as stale:
        try:
            return kept.patch.inverse().applied(present)
        except StalePatchError:
            raise stale from None
    return present


def show_diff(diff: bytes, console: Console) -> None:
    """A diff on stdout: coloured and safe on a terminal, into a pipe byte for byte, as `git apply` needs it."""
    if console.json:
        return
    if not sys.stdout.isatty() and hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(diff)
        return
    for line in diff.rstrip(b"\n").split(b"\n"):
        text = decoded(line.removesuffix(b"\r"))
        header = text.startswith(("--- ", "+++ "))
        style = "strong" if header else _DIFF_STYLES.get(text[:1])
        console.write(console.styled(text, style, out=True) if style else text)


def size_text(kept: Kept, files: Mapping[str, bytes]) -> str:
    """How large it is: `1 file, 2 lines removed, 3 added`."""
    size = size_of(kept.patch, files)
    return f"{plural(len(kept.patch.files), 'file')}, {plural(size.removed, 'line')} removed, {size.added} added"


def reason_lines(reasons: tuple[Reason, ...]) -> list[str]:
    """Why each part is as it is, by whom, how sure, and where to read about it."""
    lines = []
    for reason in reasons:
        code = f"{reason.code}: " if reason.code else ""
        risk = f", does what is refused unless asked: {reason.risk}" if reason.risk else ""
        who = f"{reason.producer}, {reason.confidence:.0%} sure{risk}"
        lines.append(printable(f"{code}{reason.text} ({who})"))
        for anchor in reason.anchors:
            lines.append(f"  {printable(anchor.source)} [{anchor.start}..{anchor.end}] sha256 {anchor.digest[:12]}")
    return lines


def proof_lines(proof: Proof) -> list[str]:
    """What was found with the patch applied, in a copy."""
    lines = ["builds" if proof.builds else "does not build"]
    if proof.errors_before:
        lines[0] += f", {plural(proof.errors_before, 'error')} before"
    if proof.features:
        lines[0] += f" with {proof.features}"
    if proof.tests_passed == proof.tests_failed == 0:
        lines.append("there are no tests")
    elif proof.tests_passed is not None:
        passed = f"{plural(proof.tests_passed, 'test')} passed"
        lines.append(passed + (f", {proof.tests_failed} failed" if proof.tests_failed else ""))
        lines[-1] += f", {proof.failed_before} of which failed before" if proof.failed_before else ""
    else:
        lines.append("tests were not run")
    if proof.clippy is not None:
        lines.append("clippy is content" if proof.clippy else "clippy still has findings")
    if proof.toolchain:
        lines.append(f"with rustc {proof.toolchain}" + (f", edition {proof.edition}" if proof.edition else ""))
    return lines


def state_hint(kept: Kept) -> str:
    """What can be done with the patch now."""
    if kept.state is State.APPLIED:
        return f"`tarscli rust rollback {kept.short}` takes it back"
    return f"`tarscli rust review apply {kept.short}` applies it"
