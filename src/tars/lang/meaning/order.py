"""Puts modules into an order in which each comes after those it needs, and finds the cycles that forbid it."""

from collections.abc import Mapping, Sequence

CYCLES_MAX = 20
"""More cycles than these are not told: they are mostly the same references again."""


def order(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The keys in that order, otherwise as they were given, and every cycle as the names along it, the first at the end
    again. Takes time in proportion to the number of edges, and no deeper stack for longer chains."""
    ordered: list[str] = []
    cycles: list[list[str]] = []
    done: set[str] = set()
    for start in needs:
        if start in done:
            continue
        on_path: dict[str, None] = {start: None}
        waiting = [(start, iter(needs[start]))]
        while waiting:
            name, rest = waiting[-1]
            for need in rest:
                if need in on_path and len(cycles) < CYCLES_MAX:
                    path = list(on_path)
                    cycles.append([*path[path.index(need) :], need])
                elif need not in done and need not in on_path and need in needs:
                    on_path[need] = None
                    waiting.append((need, iter(needs[need])))
                    break
            else:
                waiting.pop()
                del on_path[name]
                done.add(name)
                ordered.append(name)
    return ordered, cycles
