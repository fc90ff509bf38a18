"""Joins a Ray cluster that answers, and leaves it in time: Ray waits minutes or for ever for one that does not."""

import atexit
import os
import socket
from contextlib import suppress
from threading import Thread
from typing import Any, Final

from tars.core.errors import UnavailableError

ADDRESS: Final = "RAY_ADDRESS"
ANSWER_SECONDS: Final = 5.0
"""How long the head of a cluster may take to answer."""
LEAVE_SECONDS: Final = 15.0
"""How long Ray may take to leave a cluster, before its processes here are ended."""


def address_to_join() -> str | None:
    """What to tell Ray: None for what it finds itself, `local` where what it would find is dead.

    Raises `UnavailableError` where RAY_ADDRESS names a head that does not answer.
    """
    given = os.environ.get(ADDRESS, "")
    if given.startswith("ray://"):
        raise UnavailableError(
            f"{ADDRESS} is {given}: modules report while they run, which a Ray client cannot hear",
            hint="run tarscli on a machine of the cluster, with the address `HOST:6379` or `auto`",
        )
    found = _found(given)
    reason = _refusal(found) if found else ""
    if not reason:
        return None
    if given:
        raise UnavailableError(
            f"the Ray cluster at {found} cannot be reached: {reason}",
            hint=f"start it, or unset {ADDRESS} to run on this machine",
        )
    return "local"


def _found(given: str) -> str:
    """The address that Ray would take; empty where it would start a cluster, or where it cannot be told."""
    try:
        from ray._private import services  # noqa: PLC0415 - an extra

        found: Any = services
        return str(found.canonicalize_bootstrap_address(given or None) or "")
    except Exception:  # it is none of Ray's public functions; what is wrong, Ray says itself
        return ""


def _refusal(address: str) -> str:
    """Why nobody answers at an address; empty where somebody does."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS):
            return ""
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error).lower()


def leave(ray: Any) -> None:
    """Leave the cluster; where that takes too long, end the processes of one that was started for this process."""
    thread = Thread(target=ray.shutdown, name="ray-leaves", daemon=True)
    thread.start()
    thread.join(LEAVE_SECONDS)
    if thread.is_alive():
        end_own(ray)
        thread.join(LEAVE_SECONDS)
    if thread.is_alive():
        atexit.unregister(ray.shutdown)


def end_own(ray: Any) -> None:
    """End the processes of a cluster that was started for this process; one that others have started stays as it is."""
    for process in _own_processes(ray):
        with suppress(OSError):
            process.kill()


def _own_processes(ray: Any) -> list[Any]:
    """The processes of the cluster that Ray started for this process; none where it joined one."""
    node: Any = getattr(getattr(getattr(ray, "_private", None), "worker", None), "_global_node", None)
    groups = getattr(node, "all_processes", None)
    return [one.process for group in (groups or {}).values() for one in group if hasattr(one, "process")]
