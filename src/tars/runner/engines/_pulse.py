"""Tells whether a Ray cluster is still there: Ray's own calls may wait for ever where its daemon here has died."""

import socket
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final

BEAT_SECONDS: Final = 1.0
SILENT_BEATS_MAX: Final = 20
"""So many beats without an answer of the cluster's head, and it is taken for lost."""
_REFUSED_MAX: Final = 2


@dataclass(slots=True)
class Pulse:
    """What is known of a cluster that this process has joined, renewed every second until `stop`."""

    nodes: dict[str, dict[str, float]] = field(default_factory=dict)
    """The resources of each machine that is alive, by its name in the cluster."""
    gone: str = ""
    """Why nothing more can be asked of the cluster; empty as long as it can."""
    _answers: int = 0
    _stop: Flag = field(default_factory=Flag)

    def start(self, ray: Any) -> None:
        """Look once, and then go on looking in two threads: one of them may wait for ever.

        Raises what Ray raises where the cluster does not answer at the first look.
        """
        own = ray.get_runtime_context().get_node_id()
        path = next((str(one["RayletSocketName"]) for one in ray.nodes() if one["NodeID"] == own), "")
        self._take(ray.nodes(), own)
        Thread(target=self._ask, args=(ray, own), name="ray-nodes", daemon=True).start()
        Thread(target=self._feel, args=(path,), name="ray-pulse", daemon=True).start()

    def verdict(self) -> str:
        """Why the cluster is gone, after a moment in which that would show; empty where it is not."""
        until = monotonic() + (_REFUSED_MAX + 1) * BEAT_SECONDS
        while not self.gone and monotonic() < until:
            sleep(BEAT_SECONDS / 10)
        return self.gone

    def stop(self) -> None:
        self._stop.set()

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
        refused, silent, answers = 0, 0, self._answers
        while not self.gone and not self._stop.wait(BEAT_SECONDS):
            refused = 0 if _is_open(path) else refused + 1
            silent, answers = (silent + 1, answers) if answers == self._answers else (0, self._answers)
            if refused >= _REFUSED_MAX:
                self.gone = self.gone or "Ray's daemon (raylet) of this machine has died"
            elif silent >= SILENT_BEATS_MAX:
                self.gone = self.gone or "the Ray cluster does not answer any more"


def _is_open(path: str) -> bool:
    """Whether somebody listens on the daemon's socket; one who is only slow, or not to be seen from here, does."""
    if not path or not hasattr(socket, "AF_UNIX"):
        return True
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
        ear.settimeout(BEAT_SECONDS)
        try:
            ear.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True
