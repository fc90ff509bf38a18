"""E0205: belief cycles are bounded: a change closes no circle of beliefs that support one another."""

from collections.abc import Iterator, Mapping

from tars.evolve.rule import Change, Rule
from tars.lang.values import Loaded


class Beliefs:
    code = "E0205"
    languages = ("tars",)

    def check(self, change: Change) -> Iterator[str]:
        if _circular(change.new) > _circular(change.old):
            yield "more beliefs than before would rest on themselves"


def _circular(loaded: Loaded | None) -> int:
    """How many beliefs can be reached from themselves by `supports`."""
    if loaded is None or loaded.metascript is None:
        return 0
    count = 0
    for graph in loaded.metascript.declarations:
        if graph.type == "belief_graph":
            edges = {
                belief.labels[0]: _names(belief.attributes.get("supports")) for belief in graph.blocks if belief.labels
            }
            count += sum(_reaches(edges, start) for start in edges)
    return count


def _reaches(edges: Mapping[str, list[str]], start: str) -> bool:
    waiting, seen = list(edges[start]), set[str]()
    while waiting:
        each = waiting.pop()
        if each == start:
            return True
        if each not in seen:
            seen.add(each)
            waiting += edges.get(each, [])
    return False


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


PLUGIN: Rule = Beliefs()
