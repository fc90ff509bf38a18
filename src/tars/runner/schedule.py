"""Which module to start next: the one with the longest measured path of work still behind it. Pure."""

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.lang.values import Module

UNMEASURED_SECONDS = 1.0
"""What a module counts for that never ran, when no other module was measured either."""


class Schedule(Prefab):
    """The graph of a run as it is worked off: `ready` ones come out by longest remaining path, then by file order."""

    waiting: dict[str, int]
    dependents: dict[str, list[str]]
    remaining: dict[str, float]
    order: dict[str, int]
    heap: list[tuple[float, int, str]] = attribute(default_factory=list)

    def pop(self) -> str | None:
        """The address of the next module whose needs are all done, or None."""
        return heappop(self.heap)[2] if self.heap else None

    def done(self, address: str) -> None:
        """Frees the modules that waited for this one alone."""
        for dependent in self.dependents.pop(address, ()):
            if dependent not in self.waiting:
                continue  # it was dropped: something else that it needs did not succeed
            self.waiting[dependent] -= 1
            if not self.waiting[dependent]:
                self._push(dependent)

    def drop(self, address: str) -> list[str]:
        """Everything that can no longer run because this module did not succeed, nearest first."""
        dropped: list[str] = []
        queue = [address]
        for current in queue:
            for dependent in self.dependents.pop(current, ()):
                if self.waiting.pop(dependent, None) is not None:
                    dropped.append(dependent)
                    queue.append(dependent)
        return dropped

    def _push(self, address: str) -> None:
        del self.waiting[address]
        heappush(self.heap, (-self.remaining[address], self.order[address], address))


def schedule(modules: Iterable[Module], seconds: Mapping[str, float]) -> Schedule:
    """A schedule of `modules`, which come in an order of their needs; needs outside of them count as done.

    `seconds` are earlier durations by address; a module without one counts as the mean of the others.
    """
    ordered = list(modules)
    addresses = {module.address for module in ordered}
    dependents: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for module in ordered:
        needs = [need for need in module.needs if need in addresses]
        waiting[module.address] = len(needs)
        for need in needs:
            dependents.setdefault(need, []).append(module.address)
    measured = [seconds[address] for address in addresses if address in seconds]
    mean = sum(measured) / len(measured) if measured else UNMEASURED_SECONDS
    remaining: dict[str, float] = {}
    for module in reversed(ordered):
        behind = max((remaining[name] for name in dependents.get(module.address, ())), default=0.0)
        remaining[module.address] = seconds.get(module.address, mean) + behind
    order = {module.address: number for number, module in enumerate(ordered)}
    result = Schedule(waiting, dependents, remaining, order)
    for address in [address for address, count in waiting.items() if not count]:
        result._push(address)
    return result
