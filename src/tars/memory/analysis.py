"""What is wrong with a set of beliefs: contradictions with the chains that lead to them, and circles of support."""

from collections import deque
from collections.abc import Sequence
from heapq import nlargest, nsmallest
from itertools import compress, islice
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UnavailableError
from tars.core.extras import install_of
from tars.memory.snapshot import BEARINGS, Snapshot
from tars.memory.values import Bearing, Contradiction

CARRYING: Final = frozenset({Bearing.SUPPORTS, Bearing.REFINES})
"""Bearings by which the source lends strength to its target; `derived_from` does so the other way round."""
CHAIN_MAX: Final = 32
LOOKED_AT_MAX: Final = 64
"""How many beliefs are looked at to see whether one lends strength to what it contradicts: a near one is found."""
ROUND_MAX: Final = 5_000
"""How many beliefs are looked at to find a way round a circle."""
DOUBTFUL_MAX: Final = 1_000
"""Of so many contradicting pairs that may both be doubted it is seen whether one lends strength to the other."""
_CARRIES: Final = tuple(bearing in CARRYING for bearing in BEARINGS)
_DERIVED: Final = BEARINGS.index(Bearing.DERIVED_FROM)
_CONTRADICTS: Final = BEARINGS.index(Bearing.CONTRADICTS)


class Found(Prefab, frozen=True):
    """`count` pairs are together believed more than one of them alone could be. `listed` are the worst of them, then
    pairs that speak against what they support, sought among `sought` of `doubtful` further pairs."""

    count: int
    listed: tuple[Contradiction, ...]
    sought: int
    doubtful: int


def contradictions(snapshot: Snapshot, limit: int | None = None) -> Found:
    """Pairs that contradict each other and are together believed more than one of them alone could be, the worst first.

    Where a belief contradicts what it itself, over a short chain of support, lends strength to, that is named whatever
    the confidences are. Chains are only sought for what is listed.
    """
    pairs = _contradicting(snapshot)
    believed = {pair: excess for pair, excess in pairs.items() if excess > 0.0}
    wanted = len(believed) if limit is None else min(limit, len(believed))
    listed = [_explained(snapshot, pair, believed[pair]) for pair in _worst(snapshot, believed, wanted)]
    doubtful = len(pairs) - len(believed)
    sought: list[tuple[int, int]] = []
    if limit is None or len(listed) < limit:
        doubted = (pair for pair in pairs if pair not in believed)
        sought = nsmallest(doubtful if limit is None else DOUBTFUL_MAX, doubted, key=lambda pair: -pairs[pair])
    torn = (
        _explained(snapshot, pair, pairs[pair])
        for pair in sought
        if _against_itself(snapshot, *pair) or _against_itself(snapshot, *reversed(pair))
    )
    listed += islice(torn, None if limit is None else limit - len(listed))
    return Found(len(believed), tuple(listed), len(sought), doubtful)


def circles(snapshot: Snapshot) -> list[list[int]]:
    """Sets of rows of beliefs that all lend strength to one another, the largest set first. Raises `UnavailableError`
    where rustworkx is missing."""
    try:
        import rustworkx  # noqa: PLC0415  (an extra, and needed only here)
    except ImportError as error:
        raise UnavailableError(
            "circles of support need rustworkx, which is not installed", hint=install_of("memory")
        ) from error
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(len(snapshot.known)))
    for lenders in _carrying(snapshot):
        graph.add_edges_from_no_data(lenders)
    found = [sorted(part) for part in rustworkx.strongly_connected_components(graph) if len(part) > 1]
    return sorted(found, key=lambda part: (-len(part), part[0]))


def way_round(snapshot: Snapshot, circle: Sequence[int]) -> tuple[int, ...]:
    """A shortest way from the circle's first belief round to itself; empty where none was found among the nearest
    `ROUND_MAX` beliefs."""
    return _way(snapshot, circle[0], circle[0], ROUND_MAX) or ()


def carriers(snapshot: Snapshot, row: int) -> list[int]:
    """The beliefs that lend strength to one, each once, in a fixed order."""
    bearing, known = snapshot.bearing, snapshot.known
    found = {snapshot.source[number] for number in snapshot.into(row) if _CARRIES[bearing[number]]}
    found |= {snapshot.target[number] for number in snapshot.out_of(row) if bearing[number] == _DERIVED}
    return sorted(one for one in found if known[one])


def neighbourhood(snapshot: Snapshot, row: int, steps: int, rows_max: int) -> list[int]:
    """The beliefs that are held within so many relations of one, the nearest first, and at most `rows_max` of them."""
    found = {row: None}
    edge = [row]
    for _ in range(steps):
        near: dict[int, None] = {}
        for one in edge:
            near |= dict.fromkeys(snapshot.target[number] for number in snapshot.out_of(one))
            near |= dict.fromkeys(snapshot.source[number] for number in snapshot.into(one))
        edge = [one for one in near if one not in found and snapshot.known[one]]
        found |= dict.fromkeys(edge)
        if len(found) >= rows_max or not edge:
            break
    return list(found)[:rows_max]


def _contradicting(snapshot: Snapshot) -> dict[tuple[int, int], float]:
    """By how much the confidences of each contradicting pair, lower row first, together exceed one."""
    sure = snapshot.probability.tolist()
    return {
        (one, other) if one < other else (other, one): sure[one] + sure[other] - 1.0
        for one, other in _ends(snapshot, (_CONTRADICTS,))
    }


def _worst(snapshot: Snapshot, pairs: dict[tuple[int, int], float], count: int) -> list[tuple[int, int]]:
    """So many of the pairs, by excess, then by name."""
    if count < len(pairs):
        least = nlargest(count, pairs.values())[-1] if count else 2.0
        pairs = {pair: excess for pair, excess in pairs.items() if excess >= least}
    return sorted(pairs, key=lambda pair: (-pairs[pair], *_names(snapshot, pair)))[:count]


def _names(snapshot: Snapshot, pair: tuple[int, int]) -> list[str]:
    return sorted(snapshot.id_of(row) for row in pair)


def _explained(snapshot: Snapshot, pair: tuple[int, int], excess: float) -> Contradiction:
    first, second = sorted(pair, key=snapshot.id_of)
    chains = _against_itself(snapshot, first, second)
    if chains is None:
        turned = _against_itself(snapshot, second, first)
        chains = (turned[1], turned[0]) if turned else (_chain(snapshot, first), _chain(snapshot, second))
    named = (tuple(map(snapshot.id_of, chains[0])), tuple(map(snapshot.id_of, chains[1])))
    return Contradiction(snapshot.judged(first), snapshot.judged(second), named, excess)


def _chain(snapshot: Snapshot, row: int) -> tuple[int, ...]:
    """From what the belief ultimately rests on to it: at each step the surest of those that lend it strength."""
    chain = [row]
    while len(chain) < CHAIN_MAX:
        sources = [one for one in carriers(snapshot, chain[-1]) if one not in chain]
        if not sources:
            break
        chain.append(max(sources, key=lambda one: (snapshot.probability[one], snapshot.id_of(one))))
    return tuple(reversed(chain))


def _against_itself(snapshot: Snapshot, source: int, target: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Where `source` contradicts `target`: a shortest chain of support from it to `target`, beside `source` itself."""
    stated = any(
        snapshot.target[number] == target and snapshot.bearing[number] == _CONTRADICTS
        for number in snapshot.out_of(source)
    )
    way = _way(snapshot, source, target, LOOKED_AT_MAX) if stated else None
    return ((source,), way) if way else None


def _way(snapshot: Snapshot, source: int, target: int, looked_at_max: int) -> tuple[int, ...] | None:
    """A shortest chain of support from one to the other, where it lies among so many of those nearest to the other."""
    towards = {target: target}
    queue = deque([target])
    while queue:
        here = queue.popleft()
        for one in carriers(snapshot, here):
            if one == source:
                way = [one, here]
                while way[-1] != target:
                    way.append(towards[way[-1]])
                return tuple(way)
            if one not in towards and len(towards) < looked_at_max:
                towards[one] = here
                queue.append(one)
    return None


def _carrying(snapshot: Snapshot) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Every lending of strength, as the row that lends and the row that is lent to: stated by the former, then by the
    latter."""
    stated = _ends(snapshot, tuple(BEARINGS.index(bearing) for bearing in CARRYING))
    return stated, [(target, source) for source, target in _ends(snapshot, (_DERIVED,))]


def _ends(snapshot: Snapshot, bearings: tuple[int, ...]) -> list[tuple[int, int]]:
    """The rows of both ends of all relations of these bearings whose ends are held."""
    wanted = bytes(snapshot.bearing).translate(bytes(number in bearings for number in range(256)))
    ends = zip(compress(snapshot.source, wanted), compress(snapshot.target, wanted), strict=True)
    known = bytes(snapshot.known)
    if 0 not in known:
        return list(ends)
    return [(source, target) for source, target in ends if known[source] and known[target]]
