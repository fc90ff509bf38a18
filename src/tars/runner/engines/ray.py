"""Runs modules as tasks on a Ray cluster: that of RAY_ADDRESS, else that of this machine, else one started for it."""

import atexit
import logging
import math
import os
from collections.abc import Iterator
from functools import partial
from threading import Event as Flag
from threading import Lock
from time import monotonic
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars import __version__
from tars.core.errors import TarsError, UnavailableError
from tars.core.extras import install_of
from tars.lang.values import Module
from tars.runner.engine import LAST_ACTS, Engine
from tars.runner.engines._elsewhere import work
from tars.runner.engines._join import ADDRESS, address_to_join, end_own, leave
from tars.runner.engines._parcel import Came, Content, News, Parcel, pack
from tars.runner.engines._pulse import Pulse
from tars.runner.engines._receive import Receipt, receive
from tars.runner.engines._task import LostError, Where, heard
from tars.runner.events import Event, Notice, Status
from tars.runner.execute import Done, Emit, Place, Task, may_retry

GO_ON: Final = "outputs are as they were; once Ray runs again (`ray status` tells), `tarscli run --resume` goes on"
UNREAD_MAX: Final = 64
"""How many pieces of output may wait before the module that writes is made to wait."""


class Ray(Prefab):
    """The engine of the extra `ray`."""

    name: str = "ray"
    sent: dict[str, Any] = attribute(default_factory=dict)
    """What was sent to the cluster's object store, by what it is a piece of."""
    lock: Lock = attribute(default_factory=Lock)
    pulse: Pulse = attribute(default_factory=Pulse)

    def connect(self) -> tuple[int, list[Event]]:
        ray = _library()
        joined = address_to_join()
        if self.pulse.gone:
            leave(ray)
        if not ray.is_initialized():
            os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
            try:
                ray.init(joined, include_dashboard=False, log_to_driver=False, logging_level=logging.CRITICAL)
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                what, why = str(error).strip().partition("\n")[0], str(error.__cause__ or "").strip()
                reason = f"{what}: {why.rpartition(chr(10))[2]}" if why else what  # what Ray gives ends a traceback
                hint = f"is {ADDRESS} right?" if os.environ.get(ADDRESS) else "`ray start --head` says more"
                raise UnavailableError(f"Ray cannot be reached: {reason}", hint=hint) from None
            atexit.unregister(self.disconnect)
            atexit.register(self.disconnect)  # before Ray does so itself, without a limit
            self.sent.clear()
        _quieten(ray)
        LAST_ACTS.clear()
        self.pulse.stop()
        self.pulse = Pulse()
        self.pulse.start(ray)
        nodes = list(self.pulse.nodes.values())
        cpus = max(1, int(sum(node.get("CPU", 0) for node in nodes)))
        machines = "1 machine" if len(nodes) == 1 else f"{len(nodes)} machines"
        return cpus, [Notice(f"runs on Ray: {machines}, {cpus} CPUs")]

    def disconnect(self) -> None:
        """Leaves the cluster within a time, whatever its state."""
        self.pulse.stop()
        leave(_library())

    def execute(self, task: Task, place: Place, emit: Emit, cancel: Flag) -> Done:
        began = monotonic()
        done = Done(task, Status.FAILED)
        for attempt in range(1, task.module.retries + 2):
            try:
                done = self._once(task, task.module.retries + 1 - attempt, place, emit, cancel)
            except LostError as error:
                done.error, done.hint, done.attempt = error.message, error.hint, attempt
                if gone := self.pulse.verdict():
                    LAST_ACTS[:] = [partial(end_own, _library())]
                    done.status, done.ends_run = Status.UNAVAILABLE, True
                    done.error, done.hint = gone, GO_ON
                elif may_retry(task.module, attempt, done.error, place, emit, cancel):
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
        _refuse(task.module, needs, list(self.pulse.nodes.values()))
        remote = ray.remote(_work).options(
            name=task.module.address, num_returns="streaming", max_retries=0,
            _generator_backpressure_num_objects=UNREAD_MAX, **needs,
        )  # fmt: skip

        def begin() -> Any:
            parcel = pack(task, place, __version__, self._send)
            return remote.remote(replace(parcel, module=replace(task.module, retries=retries)))

        with Receipt(place.scratch) as receipt:
            for news in heard(ray, begin, self.pulse, cancel):
                for one in news:
                    match one:
                        case Content():
                            receipt.add(one)
                        case Came():
                            return receive(task, place, one, receipt)
                        case _:
                            emit(one)
        raise LostError("the Ray worker ended without an answer", hint="`tarscli run` runs it again")

    def _send(self, name: str, data: bytes) -> Any:
        with self.lock:
            if name not in self.sent:
                self.sent[name] = _library().put(data)
            return self.sent[name]


def resources_of(module: Module) -> dict[str, float]:
    """What a module asks of a Ray node: one CPU where it does not say. Ray takes parts only of less than one."""
    cpu, gpu = module.resources.cpu or 1.0, module.resources.gpu
    needs: dict[str, float] = {"num_cpus": cpu if cpu < 1 else math.ceil(cpu)}
    if module.resources.memory_bytes:
        needs["memory"] = module.resources.memory_bytes
    return needs | ({"num_gpus": gpu} if gpu else {})


def _work(parcel: Parcel) -> Iterator[News | Where]:
    """What a worker of the cluster runs; it has TARS installed."""
    import ray  # noqa: PLC0415 - an extra, which only this engine's workers load

    yield Where(ray.get_runtime_context().get_node_id())
    yield from work(parcel, ray.get)


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


def _quieten(ray: Any) -> None:
    """Keeps Ray from printing the last words of its daemon on stdout, which is the command's data."""
    inside: Any = getattr(getattr(ray, "_private", None), "worker", None)
    if hasattr(inside, "_worker_logs_enabled"):
        inside._worker_logs_enabled = False


def _library() -> Any:
    try:
        import ray  # noqa: PLC0415 - an extra that takes seconds to load
    except ImportError as error:
        raise UnavailableError("the engine `ray` needs a package", hint=install_of("ray")) from error
    return ray


PLUGIN: Engine = Ray()
