"""Mends the cases of a set with the engineer and with two baselines, as many at once as there are cores.

Every process mends one case at a time, with one checker: what is measured is what one core does. Nothing is written
but, where it is asked for, the file of results, with which an evaluation that was interrupted goes on.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tars import __version__
from tars.core.errors import TarsError, UsageError
from tars.rust.checking.toolchain import find_toolchain
from tars.rust.evaluation.cases import Case
from tars.rust.evaluation.judging import FIXERS, Judged, Settings, judge


def evaluate(cases: Sequence[Case], settings: Settings | None = None, kept: Path | None = None) -> Iterator[Judged]:
    """What came of each case, as it comes; `tars.rust.evaluation.figures` sums it up.

    With `kept`, results are appended to that file, one line of JSON each, and what stands in it of the same case,
    settings, toolchain and version of TARS is not done again.

    Raises `UsageError` for a fixer that there is not, `UnavailableError` where there is no Rust toolchain, `TarsError`
    where the file cannot be read or written, or where one of the processes is ended from outside.
    """
    settings = settings or Settings()
    unknown = [one for one in settings.fixers if one not in FIXERS]
    if unknown or not settings.fixers:
        raise UsageError(f"there is no fixer `{', '.join(unknown)}`", hint=f"known: {', '.join(FIXERS)}")
    version = find_toolchain(Path.cwd(), cargo=False).version
    keys = {_key(case, settings, version): case for case in cases}
    known = _read(kept) if kept is not None else {}
    yield from (known[key] for key in keys if key in known)
    waiting = {key: case for key, case in keys.items() if key not in known}
    if waiting:
        yield from _judged(waiting, settings, kept)


def _judged(waiting: dict[str, Case], settings: Settings, kept: Path | None) -> Iterator[Judged]:
    # What a forked process would inherit of threads and locks is not worth the time that a new one takes to start.
    context = multiprocessing.get_context("spawn")
    jobs = min(settings.jobs or os.cpu_count() or 1, len(waiting))
    with tempfile.TemporaryDirectory(prefix="tars-rust-", ignore_cleanup_errors=True) as folder:
        pool = ProcessPoolExecutor(jobs, context, _begin, (folder,))
        try:
            futures = [pool.submit(judge, key, case, settings) for key, case in waiting.items()]
            for future in as_completed(futures):
                judged = future.result()
                if kept is not None:
                    _keep(kept, judged)
                yield judged
        except BrokenProcessPool as error:
            raise TarsError(
                "a process that mends cases was ended from outside, perhaps for want of memory",
                hint="let fewer cases be mended at once, and keep the results in a file to go on with",
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(folder: str) -> None:
    """In each process: an interrupt is the parent's to answer, which ends this process and removes its files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = folder


def _key(case: Case, settings: Settings, version: str) -> str:
    said = (
        case.name, case.group, case.edition, case.oracle, sorted(case.files.items()),
        sorted((case.known or {}).items()), settings.fixers, settings.budget, settings.proposers, settings.tests,
        version, __version__,
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()[:24]


def _keep(kept: Path, judged: Judged) -> None:
    try:
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(judged.to_json()) + "\n")
    except OSError as error:
        raise _unusable(kept, error) from error


def _read(kept: Path) -> dict[str, Judged]:
    """Results that were kept; a line that was cut off when the last run was ended is left out. Where there is no such
    file it is made, so that a place that cannot be written to is known before hours of work."""
    try:
        with kept.open("a+", encoding="utf-8", errors="replace") as file:
            file.seek(0)
            lines = file.read().splitlines()
            if lines and not _ends_a_line(kept):
                file.write("\n")
    except OSError as error:
        raise _unusable(kept, error) from error
    found = {}
    for line in lines:
        try:
            judged = Judged.from_json(json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue
        found[judged.key] = judged
    return found


def _ends_a_line(file: Path) -> bool:
    return file.read_bytes().endswith(b"\n")


def _unusable(kept: Path, error: OSError) -> TarsError:
    return TarsError(
        f"results cannot be kept in {kept}: {error.strerror or error}", hint="name a file in a folder of yours"
    )
