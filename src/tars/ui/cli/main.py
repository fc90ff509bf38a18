"""The entry point of `tarscli`: answers `--version` and a cached run at once, and hands the rest to `dispatch`."""

import atexit
import gc
import os
import sys

from tars import __version__

INTERRUPTED = 130
NEW_OBJECTS_MAX = 100_000
"""How many new objects make Python look for cycles among them: nearly all that a command makes lives until its end."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line (the process's own unless `arguments` are given) and return the exit code."""
    _open_closed_streams()
    try:
        code = _main(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()  # here, so that a reader who has left is met by the handler below and not at shutdown
        if arguments is None:
            _end_at_once(code)
        return code
    except KeyboardInterrupt:
        # Only what is interrupted before or after `dispatch`, which has its own handler, comes here.
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`, a pager) has left: that is not worth a word, but what it asked for was not finished.
        leave_stdout()
        return 1
    except OSError as error:
        leave_stdout()
        print(f"Error: cannot write to stdout: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 1


def _main(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"tarscli {__version__}")
        return 0
    if arguments in (["--help"], ["-h"]):
        from tars.ui.cli.overview import overview  # noqa: PLC0415 - keeps `--version` free of it

        print(overview())
        return 0
    if "_ARGCOMPLETE" in os.environ:
        from tars.ui.cli.completion import complete  # noqa: PLC0415 - loads argcomplete, which only completion needs

        return complete()
    if arguments[:1] == ["run"]:
        # A run in which nothing changed is answered without loading argparse, the language or the engine.
        code = _warm(arguments)
        if code is not None:
            return code
    gc.set_threshold(NEW_OBJECTS_MAX, 20, 100)
    from tars.ui.cli.dispatch import dispatch  # noqa: PLC0415 - loads argparse, which the ways above do without

    return dispatch(arguments)


def _end_at_once(code: int) -> None:
    """End the process here: to take apart all that Python has loaded takes 10 ms, and some engines of runs have
    libraries that cannot be ended. Threads that are to be waited for are left to Python."""
    engine, threading = sys.modules.get("tars.runner.engine"), sys.modules.get("threading")
    if engine is not None and engine.LAST_ACTS:
        for act in engine.LAST_ACTS:
            act()
    elif threading is not None and all(
        each.daemon for each in threading.enumerate() if each is not threading.main_thread()
    ):
        atexit._run_exitfuncs()
    else:
        return
    sys.stderr.flush()
    os._exit(code)


def leave_stdout() -> None:
    """Let what is still buffered go nowhere, so that Python's own shutdown does not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _open_closed_streams() -> None:
    """Give what was started with stdout or stderr closed (`>&-`) somewhere to write to."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it stays open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - as above


def _warm(arguments: list[str]) -> int | None:
    from tars.runner.warm import try_warm  # noqa: PLC0415 - keeps `--version` free of it

    try:
        return try_warm(arguments)
    except BrokenPipeError:
        raise
    except Exception:
        return None  # a damaged cache, a folder that is gone: the ordinary way says what is wrong
