"""What is wrong with a set of beliefs: contradictions with the chains that lead to them, and circles of support."""

from collections import deque
from collections.abc import Iterable, Mapping

from tars.memory.beliefs import Beliefs
from tars.memory.values import Bearing, Contradiction, Judged

CARRYING = frozenset({Bearing.SUPPORTS, Bearing.REFINES})
"""Bearings by which the source lends strength to its target; `derived_from` does so the other way round."""
CHAIN_MAX = 32
LOOKED_AT_MAX = 64
"""How many beliefs are looked at to see whether one lends strength to what it contradicts: a near one is found."""


def contradictions(beliefs: Beliefs, judged: Mapping[str, Judged]) -> list[Contradiction]:
    """Pairs that contradict each other and are together believed more than one of them alone could be, the worst first.

    Where a belief contradicts what it itself, over a short chain of support, lends strength to, that is named whatever
    the confidences are.
    """
    carriers = _carriers(beliefs)
    found: dict[tuple[str, str], Contradiction] = {}
    for one in beliefs.held():
        if one.bearing is not Bearing.CONTRADICTS:
            continue
        first, second = sorted((one.source, one.target))
        excess = judged[first].confidence + judged[second].confidence - 1.0
        against_itself = _leads(carriers, one.source, one.target)
        if excess <= 0.0 and not against_itself:
            continue
        chains = against_itself or (_chain(first, carriers, judged), _chain(second, carriers, judged))
        if against_itself and first != one.source:
            chains = (chains[1], chains[0])
        found[first, second] = Contradiction(judged[first], judged[second], chains, excess)
    return sorted(found.values(), key=lambda one: (-one.excess, one.first.belief.id, one.second.belief.id))


def circles(beliefs: Beliefs) -> list[tuple[str, ...]]:
    """Sets of beliefs that support one another in a circle, the largest first."""
    import rustworkx  # noqa: PLC0415  (an extra, and needed only here)

    names = list(beliefs.beliefs)
    index = {name: number for number, name in enumerate(names)}
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(names)
    carriers = _carriers(beliefs)
    graph.add_edges_from_no_data(
        [(index[source], index[target]) for target, sources in carriers.items() for source in sources]
    )
    parts = rustworkx.strongly_connected_components(graph)
    found = [tuple(sorted(names[number] for number in part)) for part in parts if len(part) > 1]
    return sorted(found, key=lambda one: (-len(one), one))


def _carriers(beliefs: Beliefs) -> dict[str, list[str]]:
    """For each belief, those that lend it strength, in a fixed order."""
    result: dict[str, set[str]] = {}
    for one in beliefs.held():
        if one.bearing in CARRYING:
            result.setdefault(one.target, set()).add(one.source)
        elif one.bearing is Bearing.DERIVED_FROM:
            result.setdefault(one.source, set()).add(one.target)
    return {name: sorted(sources) for name, sources in result.items()}


def _chain(name: str, carriers: Mapping[str, list[str]], judged: Mapping[str, Judged]) -> tuple[str, ...]:
    """From what the belief ultimately rests on to it: at each step the surest of those that lend it strength."""
    chain = [name]
    while len(chain) < CHAIN_MAX:
        sources = [one for one in carriers.get(chain[-1], ()) if one not in chain]
        if not sources:
            break
        chain.append(max(sources, key=lambda one: (judged[one].confidence, one)))
    return tuple(reversed(chain))


def _leads(
    carriers: Mapping[str, list[str]], source: str, target: str
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """A shortest chain of support from `source` to `target`, beside `source` itself, where there is one."""
    queue: deque[tuple[str, ...]] = deque([(target,)])
    seen = {target}
    while queue:
        path = queue.popleft()
        if path[0] == source:
            return (source,), path
        for one in carriers.get(path[0], ()):
            if one not in seen and len(seen) < LOOKED_AT_MAX:
                seen.add(one)
                queue.append((one, *path))
    return None


def neighbourhood(beliefs: Beliefs, id: str, steps: int) -> set[str]:
    """The beliefs within so many relations of one."""
    near: dict[str, set[str]] = {}
    for one in beliefs.held():
        near.setdefault(one.source, set()).add(one.target)
        near.setdefault(one.target, set()).add(one.source)
    found, edge = {id}, {id}
    for _ in range(steps):
        edge = _around(near, edge) - found
        found |= edge
    return found


def _around(near: Mapping[str, set[str]], names: Iterable[str]) -> set[str]:
    return {other for name in names for other in near.get(name, ())}
