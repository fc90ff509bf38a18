"""Tells whether a Ray cluster is still there: Ray's own calls may wait for ever where its daemon here has died."""

import socket
import struct
from threading import Event as Flag
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

BEAT_SECONDS: Final = 1.0
SILENT_BEATS_MAX: Final = 20
"""So many beats without an answer of the cluster's head, and it is taken for lost."""
STOPPED_BEATS_MAX: Final = 10
"""So many beats for which the daemon here is stopped, and no module can begin any more."""
_REFUSED_MAX: Final = 2
_LAST_SECONDS: Final = 5.0


class Pulse(Prefab):
    """What is known of a cluster that this process has joined, renewed every second until `stop`."""

    nodes: dict[str, dict[str, float]] = attribute(default_factory=dict)
    """The resources of each machine that is alive, by its name in the cluster."""
    gone: str = ""
    """Why nothing more can be asked of the cluster; empty as long as it can."""
    _answers: int = 0
    _stop: Flag = attribute(default_factory=Flag)
    _asking: Thread | None = None

    def start(self, ray: Any) -> None:
        """Look once, and then go on looking in two threads: one of them may wait for ever.

        Raises what Ray raises where the cluster does not answer at the first look.
        """
        own = ray.get_runtime_context().get_node_id()
        path = next((str(one["RayletSocketName"]) for one in ray.nodes() if one["NodeID"] == own), "")
        self._take(ray.nodes(), own)
        self._asking = Thread(target=self._ask, args=(ray, own), name="ray-nodes", daemon=True)
        self._asking.start()
        Thread(target=self._feel, args=(path,), name="ray-pulse", daemon=True).start()

    def verdict(self) -> str:
        """Why the cluster is gone, after a moment in which that would show; empty where it is not."""
        until = monotonic() + (_REFUSED_MAX + 1) * BEAT_SECONDS
        while not self.gone and monotonic() < until:
            sleep(BEAT_SECONDS / 10)
        return self.gone

    def stop(self) -> None:
        """Look no more. A question on its way is waited for: Ray ends a process that asks once it has left."""
        self._stop.set()
        if self._asking is not None and not self.gone:
            self._asking.join(_LAST_SECONDS)

    def _take(self, nodes: list[dict[str, Any]], own: str) -> None:
        self.nodes = {node["NodeID"]: node["Resources"] for node in nodes if node["Alive"]}
        self._answers += 1
        if own not in self.nodes:
            self.gone = self.gone or "the Ray cluster has given up this machine"

    def _ask(self, ray: Any, own: str) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                self._take(ray.nodes(), own)
            except Exception as error:  # whatever Ray raises of a cluster that is gone
                reason = str(error).strip().split("\n")[0]
                self.gone = self.gone or f"the Ray cluster does not answer: {reason}"
                return

    def _feel(self, path: str) -> None:
        refused, silent, stopped, answers = 0, 0, 0, self._answers
        while not self.gone and not self._stop.wait(BEAT_SECONDS):
            owner = _listener(path)
            refused = 0 if owner is not None else refused + 1
            stopped = stopped + 1 if owner and _is_stopped(owner) else 0
            silent, answers = (silent + 1, answers) if answers == self._answers else (0, self._answers)
            if refused >= _REFUSED_MAX:
                self.gone = self.gone or "Ray's daemon (raylet) of this machine has died"
            elif stopped >= STOPPED_BEATS_MAX:
                self.gone = self.gone or f"Ray's daemon (raylet, process {owner}) of this machine is stopped"
            elif silent >= SILENT_BEATS_MAX:
                self.gone = self.gone or "the Ray cluster does not answer any more"


def _listener(path: str) -> int | None:
    """The process that listens on the daemon's socket, 0 where that cannot be told; None where nobody does."""
    if not path or not hasattr(socket, "AF_UNIX"):
        return 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
        ear.settimeout(BEAT_SECONDS)
        try:
            ear.connect(path)
            return _peer(ear)
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        except OSError:
            return 0  # one who is only slow, or not to be seen from here, does listen


def _peer(ear: socket.socket) -> int:
    if not hasattr(socket, "SO_PEERCRED"):
        return 0
    process, _, _ = struct.unpack("3i", ear.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(process)


def _is_stopped(process: int) -> bool:
    """Whether a process was stopped by a signal, as `kill -STOP` and Ctrl-Z do."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
    except (OSError, IndexError):
        return False
