"""Runs one command in a sandbox: streams its output, holds its limits, and leaves nothing of it behind."""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired, run
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.flag import Flag
from tars.runner.cells import berths, deadman, handed, orphans
from tars.runner.cells.limits import Fence, fence_for, limit_resource
from tars.runner.cells.streams import Output, Streams
from tars.runner.cells.wording import describe, why_not_started
from tars.runner.sandbox import Sandbox, host_of
from tars.runner.values import Cell, Launch, Outcome, Stop, Watch

if TYPE_CHECKING:
    from tars.runner.cells.berths import Berth
    from tars.runner.cells.zygotes import Forked

GRACE_SECONDS = 2.0
"""How long a command that is asked to end may take before it is made to."""
AT_ONCE = Flag()
"""Set by the user's second interrupt: from then on nothing that is asked to end is given time."""
AFTER_SECONDS_MAX = 20.0
"""How long ending a container may take."""
LINGER_SECONDS = 0.1
"""How long processes that the command left behind may go on writing to its outputs."""
CANCEL_SECONDS = 0.05
EXIT_SECONDS = 0.01
"""How often to ask for the command's end where the system has no pidfd."""
BUSY_SECONDS = (0.001, 0.005, 0.02, 0.1)
"""How long to wait before each new try to start a program that another thread's child still holds open."""
MOMENT_SECONDS = 0.003
"""How long a command may run before anyone listens to its output."""
NOTED_SECONDS = 0.02
"""From the first command on that runs longer than this, all are noted, to be ended if TARS is killed; most of the
shortest end sooner, and a run of such needs nobody who waits for that."""


_STOPS = {"memory": Stop.MEMORY, "disk": Stop.DISK}
"""What a command that has broken a limit is told to have ended by; it is given no time to break it further."""


class _Job(Prefab):
    """One command that runs."""

    cell: Cell
    launch: Launch
    token: str
    process: "Popen[bytes] | Forked | Berth"
    streams: Streams
    outputs: tuple[Output, Output]
    fence: Fence | None
    started: float
    exit_descriptor: int = -1
    slot: int | None = None
    breach: str = attribute(default="")


def run_cell(
    sandbox: Sandbox,
    cell: Cell,
    *,
    stdin: bytes | Path | None = None,
    watch: Watch | None = None,
    cancel: threading.Event | None = None,
    grace_seconds: float = GRACE_SECONDS,
) -> Outcome:
    """Runs the cell to its end and says what came of it. May be called from several threads at once.

    `watch` is called from this thread with output as it comes; when it raises, the command is ended and the
    exception goes on. When `cancel` is set, the command is ended. A command that cannot be started is an outcome too.
    Whatever the command started and left behind is ended with it.
    """
    host = host_of(sandbox)
    if host is not None:
        return host.run(cell, stdin, watch, cancel)
    launch = sandbox.launch(cell)
    with handed.given(launch) if launch.given else nullcontext(launch) as launch:
        return _run(launch, cell, stdin, watch, cancel, grace_seconds)


def _run(
    launch: Launch,
    cell: Cell,
    stdin: bytes | Path | None,
    watch: Watch | None,
    cancel: threading.Event | None,
    grace_seconds: float,
) -> Outcome:
    started = monotonic()
    if sys.platform == "win32":
        from tars.runner.cells.portable import run_portably  # noqa: PLC0415  (only where there is no poll)

        return run_portably(launch, cell, stdin, watch, cancel)
    token = orphans.new_token()
    try:
        _check_program(cell, launch)
        job = _start(launch, cell, token, started, stdin, watch)
    except (OSError, ValueError) as error:
        return Outcome(
            Stop.NOT_STARTED, 127, b"", b"", monotonic() - started, detail=why_not_started(error, launch, cell)
        )
    stop = Stop.CANCELLED
    try:
        stop = _attend(job, cancel)
    finally:
        code = _finish(job, stop, grace_seconds)
    return _outcome(job, stop, code)


def _check_program(cell: Cell, launch: Launch) -> None:
    """What stands between TARS and the program (a sandbox, a shell) would call a missing program its own failure."""
    if cell.image:
        return  # It may name a program of the image.
    limits = (cell.limits.memory_bytes_max, cell.limits.processes_max, cell.limits.cpus_max)
    if launch.argv[0] != cell.argv[0] or any(limits):
        mode = os.stat(cell.argv[0]).st_mode
        if not os.access(cell.argv[0], os.X_OK) or not mode & 0o100000:
            raise PermissionError(13, "not executable", cell.argv[0])
        os.stat(cell.cwd)


def _start(
    launch: Launch,
    cell: Cell,
    token: str,
    started: float,
    stdin: bytes | Path | None,
    watch: Watch | None,
) -> _Job:
    ours: list[int] = []
    theirs: list[int] = []
    feed = -1
    try:
        for _ in ("stdout", "stderr"):
            read, write = os.pipe()
            ours.append(read)
            theirs.append(write)
        if isinstance(stdin, Path):
            given = os.open(stdin, os.O_RDONLY)
            theirs.append(given)
        elif stdin:
            given, feed = os.pipe()
            theirs.append(given)
            ours.append(feed)
        else:
            given = _nothing()
        streams = (given, theirs[0], theirs[1])
        process, fence = _warm(launch, cell, token, streams) or _popened(launch, cell, token, streams)
    except BaseException:
        for descriptor in ours:
            os.close(descriptor)
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    limit_resource(process.pid, "RLIMIT_CORE", 0)
    if fence is not None:
        fence.after_start(process.pid)
    kept = cell.limits.output_bytes_max
    outputs = Output("stdout", ours[0], kept), Output("stderr", ours[1], kept)
    moved = Streams(*outputs, feed, stdin if isinstance(stdin, bytes) else b"", watch)
    if not isinstance(process, Popen):
        launch = replace(launch, wrappers=1, complaint=b"")
    slot = deadman.note(process.pid) if deadman.runs() else None
    job = _Job(cell, launch, token, process, moved, outputs, fence, started, slot=slot)
    with suppress(AttributeError, OSError):
        opened = os.pidfd_open(process.pid) if isinstance(process, Popen) else process.exit_descriptor
        job.exit_descriptor = opened
        moved.expect_exit(job.exit_descriptor)
    return job


def _warm(
    launch: Launch, cell: Cell, token: str, streams: tuple[int, int, int]
) -> "tuple[Forked | Berth, Fence | None] | None":
    """The command forked from a warm interpreter or started in a berth, where there is one of its kind."""
    if not launch.zygote and not launch.lodging:
        return None
    return _forked(launch, cell, streams) or berths.lodge(launch, cell, token, streams)


@cache
def _nothing() -> int:
    """A descriptor of the empty file, which stays open: every command without input is given it."""
    return os.open(os.devnull, os.O_RDWR)


def _forked(launch: Launch, cell: Cell, streams: tuple[int, int, int]) -> "tuple[Forked, Fence | None] | None":
    if not launch.zygote:
        return None
    from tars.runner.cells import zygotes  # only where Python runs confined  # noqa: PLC0415

    forked = zygotes.fork(launch, cell, streams)
    return None if forked is None else (forked, forked.zygote.fence_of(cell))


def _popened(
    launch: Launch, cell: Cell, token: str, streams: tuple[int, int, int]
) -> "tuple[Popen[bytes], Fence | None]":
    fence = fence_for(cell.limits, launch, token)
    env = {**launch.env, orphans.MARK: token}

    def start(argv: tuple[str, ...]) -> Popen[bytes]:
        return orphans.adopt(lambda: _patiently(lambda: _popen(launch, argv, env, streams)), token)

    try:
        if fence is None or fence.groups is None:
            return start(launch.argv), fence
        with fence.around_start(launch.argv) as argv:
            return start(argv), fence
    except BaseException:
        if fence is not None:
            fence.close()
        raise


def _popen(launch: Launch, argv: tuple[str, ...], env: dict[str, str], streams: tuple[int, int, int]) -> "Popen[bytes]":
    stdin, stdout, stderr = streams
    with handed.told(launch, argv) if launch.told else nullcontext((argv, ())) as (words, open_there):
        return Popen(
            words, stdin=stdin, stdout=stdout, stderr=stderr, cwd=launch.cwd, env=env, pass_fds=open_there,
            start_new_session=True,
        )  # fmt: skip


def _patiently(start: Callable[[], Popen[bytes]]) -> Popen[bytes]:
    """Starts a program that may just have been written. A child that another thread forks meanwhile holds the file
    open for writing until it becomes its own program, and so long the system refuses with ETXTBSY."""
    for seconds in BUSY_SECONDS:
        try:
            return start()
        except OSError as error:
            if error.errno != errno.ETXTBSY:
                raise
            sleep(seconds)
    return start()


def _attend(job: _Job, cancel: threading.Event | None) -> Stop:
    """Moves data until the command ends or must be ended; which of these it was."""
    limit = job.cell.limits.seconds_max
    if job.exit_descriptor >= 0:
        job.streams.pump(MOMENT_SECONDS if limit is None else min(MOMENT_SECONDS, limit))
    job.streams.listen()
    stop = Stop.EXIT if job.streams.exited else _await_end(job, cancel)
    if stop is Stop.EXIT:
        until = monotonic() + LINGER_SECONDS
        while job.streams.open and (now := monotonic()) < until:
            job.streams.pump(until - now)
    return stop


def _await_end(job: _Job, cancel: threading.Event | None) -> Stop:
    """As `_attend`, of a command that takes longer than a moment; `EXIT` as soon as it has ended."""
    limit = job.cell.limits.seconds_max
    deadline = None if limit is None else job.started + limit
    ticks = [
        EXIT_SECONDS if job.exit_descriptor < 0 else None,
        CANCEL_SECONDS if cancel is not None else None,
        job.fence.seconds if job.fence is not None else None,
    ]
    tick = min((each for each in ticks if each is not None), default=None)
    look = monotonic() + (tick or 0)
    while not _has_ended(job):
        now = monotonic()
        wait = tick if job.slot is not None else NOTED_SECONDS if tick is None else min(tick, NOTED_SECONDS)
        if deadline is not None:
            if now >= deadline:
                return Stop.TIMEOUT
            wait = deadline - now if wait is None else min(wait, deadline - now)
        if cancel is not None and cancel.is_set():
            return Stop.CANCELLED
        if job.slot is None and now - job.started > NOTED_SECONDS:
            job.slot = deadman.note(job.process.pid)
        if job.fence is not None and now >= look:
            job.breach = job.fence.breach(job.process.pid)
            if job.breach:
                return _STOPS.get(job.breach, Stop.SIGNAL)
            look = now + job.fence.seconds
        job.streams.pump(wait)
    return Stop.EXIT


def _has_ended(job: _Job) -> bool:
    if job.exit_descriptor < 0 and not job.streams.exited:
        job.streams.exited = job.process.poll() is not None
    return job.streams.exited


def _finish(job: _Job, stop: Stop, grace_seconds: float) -> int:
    """Ends all that is left of the command and gives back what it took; its exit code."""
    group = job.process.pid
    try:
        if not job.streams.exited and stop not in _STOPS.values():
            _ask_to_end(job, grace_seconds)
    finally:
        if isinstance(job.process, Popen):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        elif not job.streams.exited:
            job.process.kill()
        code = job.process.wait()
        if job.launch.after and (stop is not Stop.EXIT or code < 0):
            _clean_up(job.launch)
        if job.slot is not None:
            deadman.forget(job.slot)
        if job.fence is not None:
            if not job.breach and job.fence.breach_of_group(group) == "memory":
                job.breach = "memory"
            if not job.breach and code and job.fence.has_refused():
                job.breach = "refused"
            job.fence.close()
        if not isinstance(job.process, Popen):
            job.process.release(broken=job.breach == "memory")
        orphans.release(group, job.token)
        job.streams.close()
        if job.exit_descriptor >= 0:
            os.close(job.exit_descriptor)
    return code


def _clean_up(launch: Launch) -> None:
    """Ends what goes on elsewhere, for instance in a container, when the command that watched it is gone."""
    with suppress(OSError, TimeoutExpired):
        run(
            launch.after, cwd="/", stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, timeout=AFTER_SECONDS_MAX, check=False
        )


def _ask_to_end(job: _Job, grace_seconds: float) -> None:
    """SIGTERM, and time to comply. What the command still writes is kept, but the watcher, which may have raised, is
    not told."""
    job.streams.stop_watching()
    if job.launch.wrappers:
        orphans.send_below(job.process.pid, signal.SIGTERM, job.launch.wrappers)
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(job.process.pid, signal.SIGTERM)
    until = monotonic() + grace_seconds
    while not _has_ended(job) and (now := monotonic()) < until and not AT_ONCE.is_set():
        job.streams.pump(min(until - now, EXIT_SECONDS if job.exit_descriptor < 0 else CANCEL_SECONDS))


def _outcome(job: _Job, stop: Stop, code: int) -> Outcome:
    stdout, stderr = job.outputs
    errors = stderr.data
    if (job.launch.wrappers or job.launch.after) and 128 < code < 128 + signal.NSIG:
        code = 128 - code
    if job.breach == "memory":
        stop = Stop.MEMORY
    elif stop is Stop.EXIT and code < 0:
        stop = Stop.SIGNAL
    elif stop is Stop.EXIT and _complains(job.launch, code, errors):
        stop, code = Stop.NOT_STARTED, 127
    detail = describe(stop, code, job.cell, "elsewhere" if job.launch.limited else job.breach, errors)
    dropped = stdout.dropped_bytes, stderr.dropped_bytes
    return Outcome(stop, code, stdout.data, errors, monotonic() - job.started, *dropped, detail)


def _complains(launch: Launch, code: int, errors: bytes) -> bool:
    """Whether the command's end is the sandbox's own, which could not start it."""
    if not code or not launch.complaint or not errors.startswith(launch.complaint):
        return False
    return not launch.complaint_codes or code in launch.complaint_codes
