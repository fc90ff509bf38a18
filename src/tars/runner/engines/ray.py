"""Runs modules as tasks on a Ray cluster: that of RAY_ADDRESS, else that of this machine, else one started for it."""

import logging
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final

from tars import __version__
from tars.core.errors import TarsError, UnavailableError
from tars.lang.values import Module
from tars.runner.engine import Engine
from tars.runner.engines._elsewhere import work
from tars.runner.engines._parcel import Came, Content, News, Parcel, pack
from tars.runner.engines._receive import Receipt, receive
from tars.runner.events import Event, ModuleRetry, Notice, Status
from tars.runner.execute import Done, Emit, Place, Task

ADDRESS: Final = "RAY_ADDRESS"
CANCEL_SECONDS_MAX: Final = 15.0
"""How long a cancelled task may take to end its module in good order before its worker is ended."""
POLL_SECONDS: Final = 0.2
SILENT_SECONDS_MAX: Final = 20.0
"""A worker says something many times a second; one that was not heard for so long is taken for lost."""
UNREAD_MAX: Final = 64
"""How many pieces of output may wait before the module that writes is made to wait."""


@dataclass(slots=True)
class Ray:
    """The engine of the extra `ray`."""

    name: str = "ray"
    sent: dict[str, Any] = field(default_factory=dict)
    """What was sent to the cluster's object store, by what it is a piece of."""
    lock: Lock = field(default_factory=Lock)

    def connect(self) -> tuple[int, list[Event]]:
        ray = _library()
        address = os.environ.get(ADDRESS, "")
        if address.startswith("ray://"):
            raise UnavailableError(
                f"{ADDRESS} is {address}: modules report while they run, which a Ray client cannot hear",
                hint="run tarscli on a machine of the cluster, with the address `HOST:6379` or `auto`",
            )
        if not ray.is_initialized():
            os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
            quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
            try:
                ray.init(include_dashboard=False, **quiet)
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                where = f"the Ray cluster at {address} " if address else "Ray "
                reason = str(error).strip().split("\n")[0]
                hint = (
                    f"start it, or unset {ADDRESS} to run on this machine"
                    if address
                    else "`ray start --head` says more"
                )
                raise UnavailableError(f"{where}cannot be reached: {reason}", hint=hint) from error
            self.sent.clear()
        nodes = _nodes(ray)
        cpus = max(1, int(sum(node.get("CPU", 0) for node in nodes)))
        machines = "1 machine" if len(nodes) == 1 else f"{len(nodes)} machines"
        return cpus, [Notice(f"runs on Ray: {machines}, {cpus} CPUs")]

    def execute(self, task: Task, place: Place, emit: Emit, cancel: Flag) -> Done:
        began = monotonic()
        done = Done(task, Status.FAILED)
        for attempt in range(1, task.module.retries + 2):
            try:
                done = self._once(task, task.module.retries + 1 - attempt, place, emit, cancel)
            except _LostError as error:
                done.error, done.hint, done.attempt = error.message, error.hint, attempt
                if attempt <= task.module.retries and not cancel.is_set():
                    emit(ModuleRetry(task.module.address, attempt, done.error, task.module.backoff_seconds))
                    cancel.wait(task.module.backoff_seconds)
                    continue
            except TarsError as error:
                done.status = Status.UNAVAILABLE if isinstance(error, UnavailableError) else Status.FAILED
                done.error, done.hint = error.message, error.hint
            except OSError as error:
                done.error = f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
                done.hint = "is the disk full, or was a file deleted meanwhile?"
            break
        if cancel.is_set() and done.status is not Status.SUCCEEDED:
            done.status, done.error, done.hint = Status.CANCELLED, "cancelled", ""
        done.seconds = monotonic() - began
        return done

    def _once(self, task: Task, retries: int, place: Place, emit: Emit, cancel: Flag) -> Done:
        """Sends the task to a worker, which starts the module anew up to `retries` times, and takes in what comes."""
        ray = _library()
        needs = resources_of(task.module)
        _refuse(task.module, needs, _nodes(ray))
        parcel = pack(task, place, __version__, self._send)
        parcel = replace(parcel, module=replace(task.module, retries=retries))
        remote = ray.remote(_work).options(
            name=task.module.address, num_returns="streaming", max_retries=0,
            _generator_backpressure_num_objects=UNREAD_MAX, **needs,
        )  # fmt: skip
        with Receipt(place.scratch) as receipt:
            for news in _stream(ray, remote.remote(parcel), cancel):
                for one in news:
                    match one:
                        case Content():
                            receipt.add(one)
                        case Came():
                            return receive(task, place, one, receipt)
                        case _:
                            emit(one)
        raise _LostError("the Ray worker ended without an answer", hint="`tarscli run` runs it again")

    def _send(self, name: str, data: bytes) -> Any:
        with self.lock:
            if name not in self.sent:
                self.sent[name] = _library().put(data)
            return self.sent[name]


class _LostError(TarsError):
    """The worker, its machine or the cluster went away; the module is not to blame."""


def resources_of(module: Module) -> dict[str, float]:
    """What a module asks of a Ray node: one CPU where it does not say. Ray takes parts only of less than one."""
    cpu, gpu = module.resources.cpu or 1.0, module.resources.gpu
    needs: dict[str, float] = {"num_cpus": cpu if cpu < 1 else math.ceil(cpu)}
    if module.resources.memory_bytes:
        needs["memory"] = module.resources.memory_bytes
    return needs | ({"num_gpus": gpu} if gpu else {})


def _work(parcel: Parcel) -> Iterator[News]:
    """What a worker of the cluster runs; it has TARS installed."""
    import ray  # noqa: PLC0415 - an extra, which only this engine's workers load

    yield from work(parcel, ray.get)


def _stream(ray: Any, answers: Any, cancel: Flag) -> Iterator[News]:
    """What the worker says. Raises `_LostError` where it stops. A cancelled task may end in good order."""
    said: SimpleQueue[News | Exception | None] = SimpleQueue()
    # Ray's own calls may wait for ever where the cluster is gone, so they do so in a thread that nobody waits for.
    Thread(target=_listen, args=(ray, answers, said), daemon=True).start()
    asked, heard, begun = 0.0, monotonic(), False
    while True:
        if cancel.is_set() and not asked:
            asked = monotonic()
            ray.cancel(answers)
        if asked and monotonic() - asked > CANCEL_SECONDS_MAX:
            ray.cancel(answers, force=True)
            return
        try:
            news = said.get(timeout=POLL_SECONDS)
        except Empty:
            if monotonic() - heard > SILENT_SECONDS_MAX:
                if begun or not _nodes(ray):
                    raise _LostError("nothing is heard of the Ray worker any more", hint=_AGAIN) from None
                heard = monotonic()
            continue
        heard, begun = monotonic(), True
        if news is None or (asked and isinstance(news, Exception)):
            return
        if isinstance(news, Exception):
            raise _lost(ray, news) from news
        yield news


def _listen(ray: Any, answers: Any, said: "SimpleQueue[News | Exception | None]") -> None:
    try:
        for answer in answers:
            said.put(ray.get(answer))
        said.put(None)
    except Exception as error:
        said.put(error)


def _lost(ray: Any, error: Exception) -> _LostError:
    """What an exception of Ray's means, in a sentence."""
    exceptions, first = ray.exceptions, str(error).strip().split("\n")[0]
    if isinstance(error, exceptions.TaskCancelledError):
        return _LostError("the task was cancelled on the cluster", hint=_AGAIN)
    if isinstance(error, exceptions.RayTaskError):
        cause = str(getattr(error, "cause", error)).strip().split("\n")[-1]
        missing = "No module named 'tars" in str(error)
        hint = f"install `tars-agents[ray]=={__version__}` on every machine of the cluster" if missing else ""
        return _LostError(f"the Ray worker failed: {cause}", hint=hint)
    return _LostError(f"{_what(ray, error)}: {first}", hint=_AGAIN)


_AGAIN: Final = "its outputs are as they were; `tarscli run` runs it again, and `retries` in its block does so at once"


def _what(ray: Any, error: Exception) -> str:
    exceptions = ray.exceptions
    if isinstance(error, exceptions.OutOfMemoryError):
        return "the Ray worker was ended for its memory"
    if isinstance(error, (exceptions.NodeDiedError, exceptions.OwnerDiedError)):
        return "the machine of the Ray worker went away"
    if isinstance(error, exceptions.WorkerCrashedError):
        return "the Ray worker died"
    return "the Ray cluster failed"


def _refuse(module: Module, needs: dict[str, float], nodes: list[dict[str, float]]) -> None:
    """Raises `UnavailableError` for what would wait for ever, or would be lost."""
    if module.resources.files_write:
        raise UnavailableError(
            f"{module.address} may write {module.resources.files_write[0]}, which does not come back from a worker",
            hint="declare it as `output`, or run without `--engine ray`",
        )
    names = {"num_cpus": "CPU", "num_gpus": "GPU", "memory": "memory"}
    if any(all(node.get(names[name], 0) >= amount for name, amount in needs.items()) for node in nodes):
        return
    asked = ", ".join(f"{amount:g} {names[name]}" for name, amount in needs.items())
    had = "; ".join(", ".join(f"{node.get(name, 0):g} {name}" for name in names.values()) for node in nodes[:3])
    raise UnavailableError(
        f"{module.address} asks for {asked}, which no machine of the Ray cluster has ({had})",
        hint="ask for less in its `resources`, or add a machine",
    )


def _nodes(ray: Any) -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def _library() -> Any:
    try:
        import ray  # noqa: PLC0415 - an extra that takes seconds to load
    except ImportError as error:
        raise UnavailableError("the engine `ray` needs a package", hint='pip install "tars-agents[ray]"') from error
    return ray


PLUGIN: Engine = Ray()
