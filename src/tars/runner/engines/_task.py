"""One task of a Ray cluster as it is heard of here: what its worker says, and what Ray's exceptions mean."""

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import Any, Final, NamedTuple

from tars import __version__
from tars.core.errors import TarsError
from tars.runner.engines._parcel import News
from tars.runner.engines._pulse import Pulse

CANCEL_SECONDS_MAX: Final = 15.0
"""How long a cancelled task may take to end its module in good order before its worker is ended."""
POLL_SECONDS: Final = 0.2
SILENT_SECONDS_MAX: Final = 20.0
"""A worker says something many times a second; one that was not heard for so long is taken for lost."""
_AGAIN: Final = "its outputs are as they were; `tarscli run` runs it again, and `retries` in its block does so at once"
_MACHINE: Final = "the machine of the Ray worker went away"


class LostError(TarsError):
    """The worker, its machine or the cluster went away; the module is not to blame."""


class Where(NamedTuple):
    """The first word of a worker: the machine of the cluster that it is on."""

    node: str


class _Begun(NamedTuple):
    answers: Any


def heard(ray: Any, begin: Callable[[], Any], pulse: Pulse, cancel: Flag) -> Iterator[News]:
    """What the worker says of the task that `begin` makes. A cancelled task may end in good order.

    Raises `LostError` where the worker stops or the cluster is gone, and what `begin` raises of our own.
    """
    said: SimpleQueue[_Begun | Where | News | Exception | None] = SimpleQueue()
    # Ray's own calls may wait for ever where the cluster is gone, so they do so in a thread that nobody waits for.
    Thread(target=_listen, args=(ray, begin, said), daemon=True).start()
    answers: Any = None
    asked, last, node = 0.0, monotonic(), ""
    while True:
        if pulse.gone or (node and node not in pulse.nodes):
            # Ray itself says nothing as long as the worker lives, whose result may never come without its machine.
            Thread(target=_cancel, args=(ray, answers), kwargs={"force": True}, daemon=True).start()
            raise LostError(pulse.gone or _MACHINE, hint=_AGAIN)
        if cancel.is_set() and not asked:
            asked = monotonic()
            _cancel(ray, answers, force=False)
        if asked and monotonic() - asked > CANCEL_SECONDS_MAX:
            _cancel(ray, answers, force=True)
            return
        try:
            news = said.get(timeout=POLL_SECONDS)
        except Empty:
            if node and monotonic() - last > SILENT_SECONDS_MAX:
                raise LostError("nothing is heard of the Ray worker any more", hint=_AGAIN) from None
            continue
        if isinstance(news, _Begun):
            answers = news.answers
            if asked:
                _cancel(ray, answers, force=False)
            continue
        last = monotonic()
        if isinstance(news, Where):
            node = news.node
            continue
        if news is None or (asked and isinstance(news, Exception)):
            return
        if isinstance(news, TarsError | OSError):
            raise news
        if isinstance(news, Exception):
            raise lost(ray, news) from news
        yield news


def _listen(ray: Any, begin: Callable[[], Any], said: "SimpleQueue[_Begun | Where | News | Exception | None]") -> None:
    try:
        answers = begin()
        said.put(_Begun(answers))
        for answer in answers:
            said.put(ray.get(answer))
        said.put(None)
    except Exception as error:
        said.put(error)


def _cancel(ray: Any, answers: Any, *, force: bool) -> None:
    if answers is not None:
        ray.cancel(answers, force=force)


def lost(ray: Any, error: Exception) -> LostError:
    """What an exception of Ray's means, in a sentence."""
    exceptions, first = ray.exceptions, str(error).strip().split("\n")[0]
    if isinstance(error, exceptions.TaskCancelledError):
        return LostError("the task was cancelled on the cluster", hint=_AGAIN)
    if isinstance(error, exceptions.RayTaskError):
        cause = str(getattr(error, "cause", error)).strip().split("\n")[-1]
        missing = "No module named 'tars" in str(error)
        hint = f"install `tars-agents[ray]=={__version__}` on every machine of the cluster" if missing else ""
        return LostError(f"the Ray worker failed: {cause}", hint=hint)
    what = _what(ray, error)
    return LostError(what if isinstance(error, exceptions.NodeDiedError) else f"{what}: {first}", hint=_AGAIN)


def _what(ray: Any, error: Exception) -> str:
    exceptions = ray.exceptions
    if isinstance(error, exceptions.OutOfMemoryError):
        return "the Ray worker was ended for its memory"
    if isinstance(error, (exceptions.NodeDiedError, exceptions.OwnerDiedError)):
        return _MACHINE
    if isinstance(error, exceptions.WorkerCrashedError):
        return "the Ray worker died"
    return "the Ray cluster failed"
