"""How sure one may be of many statements at once: the marginals of a pairwise binary Markov field.

Statement i is true (x = 1) or false (x = -1). The joint distribution is p(x) ~ exp(sum h_i x_i + sum J_ij x_i x_j): the
bias h is half the log-odds of the statement's own evidence, the coupling J says how much two statements speak for each
other (J > 0) or against (J < 0). Source: Wainwright and Jordan, Graphical Models, Exponential Families, and Variational
Inference (2008), sections 2.5 and 4.1.

`bounded` scales couplings until Dobrushin's condition holds: around every statement the sum of tanh|J| stays below one.
Then the field has one state, belief propagation converges to one answer from any start, and statements that support
one another in a circle cannot lift each other without evidence (Georgii, Gibbs Measures and Phase Transitions, 8.1).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import Prefab

from tars.memory.numbers import np

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

WIDTH_MAX = 14
"""Up to this many statements beside one are summed out at once: tables of 2^15 numbers."""
EXACT_MAX = 2_000
"""Larger connected parts that are no trees are not tried exactly."""
COUPLING_SUM_MAX = 0.95
TOLERANCE = 1e-10
ROUNDS_MAX = 500
FEW = 1 / 16
FEW_ROUNDS_MAX = 20
"""While no larger share of the messages changes, only what they reach is computed."""


class Field(Prefab, frozen=True, slots=False):
    """`bias`: float[n], half log-odds; `edges`: int[m, 2], no pair twice and none with itself; `coupling`: float[m]."""

    bias: "NDArray[float64]"
    edges: "NDArray[int64]"
    coupling: "NDArray[float64]"


class Marginals(Prefab, frozen=True, slots=False):
    """`probability`: float[n], of each statement being true. `exact`: bool[n], whether it is the field's own marginal
    up to rounding; elsewhere it is that of belief propagation. `message`: float[2 m], with which propagation ended
    after so many `rounds`: of each edge from its first statement to its second, then all the other way."""

    probability: "NDArray[float64]"
    exact: "NDArray[bool_]"
    message: "NDArray[float64]"
    rounds: int


def bounded(field: Field) -> Field:
    """The field with each coupling scaled down by what its busier end needs to keep within Dobrushin's condition."""
    strength = np.tanh(np.abs(field.coupling))
    first, second = field.edges[:, 0], field.edges[:, 1]
    total = np.bincount(first, strength, len(field.bias)) + np.bincount(second, strength, len(field.bias))
    busiest = np.maximum(total[first], total[second])
    scale = np.minimum(1.0, COUPLING_SUM_MAX / np.maximum(busiest, 1e-300))
    return Field(field.bias, field.edges, np.sign(field.coupling) * np.arctanh(strength * scale))


def marginals(
    field: Field, start: "NDArray[float64] | None" = None, label: "NDArray[int64] | None" = None
) -> Marginals:
    """The probability of each statement, exact where the connected part is a tree or narrow enough.

    `start` are messages to go on from, such as those of a field that differs little; where propagation ends does not
    depend on them. `label` is what `components` finds, where that is known.
    """
    count = len(field.bias)
    magnetisation, message, rounds = propagate(field, start)
    exact = np.zeros(count, dtype=bool)
    label = components(count, field.edges) if label is None else label
    sizes = np.bincount(label, minlength=count)
    edge_counts = np.bincount(label[field.edges[:, 0]], minlength=count) if len(field.edges) else np.zeros(count, int)
    is_tree = edge_counts == sizes - 1
    exact |= is_tree[label]
    probability = (1.0 + magnetisation) / 2.0
    loopy = np.flatnonzero((sizes > 1) & ~is_tree & (sizes <= EXACT_MAX))
    if len(loopy):
        members = _grouped(label, loopy)
        edges_of = _grouped(label[field.edges[:, 0]], loopy)
        for part in loopy.tolist():
            answer = _eliminate(field, members[part], edges_of[part])
            if answer is not None:
                probability[members[part]] = answer
                exact[members[part]] = True
    return Marginals(probability, exact, message, rounds)


def propagate(
    field: Field, start: "NDArray[float64] | None" = None
) -> "tuple[NDArray[float64], NDArray[float64], int]":
    """The magnetisations tanh(h + incoming messages) of belief propagation, its messages, and the rounds it took; it
    ends when no message changes by more than `TOLERANCE`."""
    edges, count, half = field.edges, len(field.bias), len(field.edges)
    if not half:
        return np.tanh(field.bias), np.zeros(0), 0
    source = np.concatenate((edges[:, 0], edges[:, 1]))
    target = np.concatenate((edges[:, 1], edges[:, 0]))
    strength = np.tanh(np.concatenate((field.coupling, field.coupling)))
    message = np.zeros(len(source)) if start is None else start.copy()
    new, change = np.empty_like(message), np.empty_like(message)
    total = field.bias + np.bincount(target, weights=message, minlength=count)
    for rounds in range(1, ROUNDS_MAX + 1):  # noqa: B007  (how many there were is returned)
        np.take(total, source, out=new, mode="clip")
        new[:half] -= message[half:]
        new[half:] -= message[:half]
        _passed_on(strength, new, change)
        np.abs(np.subtract(new, message, out=change), out=change)
        message, new = new, message
        total = field.bias + np.bincount(target, weights=message, minlength=count)
        if change.max() <= TOLERANCE:
            break
        _spread((source, target, strength), np.flatnonzero(change > TOLERANCE), message, total)
    return np.tanh(total), message, rounds


def _spread(
    graph: "tuple[NDArray[int64], NDArray[int64], NDArray[float64]]",
    moved: "NDArray[int64]",
    message: "NDArray[float64]",
    total: "NDArray[float64]",
) -> None:
    """While few messages have changed, goes on with what they reach, in place. Whether that is the end, a whole round
    has to say."""  # fmt: skip
    source, target, strength = graph
    half = len(source) // 2
    for _ in range(FEW_ROUNDS_MAX):
        if not 0 < len(moved) < len(message) * FEW:
            return
        reached = np.zeros(len(total), dtype=bool)
        reached[target[moved]] = True
        near = np.flatnonzero(reached[source])
        change = total[source[near]] - message[np.where(near < half, near + half, near - half)]
        _passed_on(strength[near], change, np.empty_like(change))
        change -= message[near]
        message[near] += change
        total += np.bincount(target[near], weights=change, minlength=len(total))
        moved = near[np.abs(change) > TOLERANCE]


def _passed_on(strength: "NDArray[float64]", value: "NDArray[float64]", scratch: "NDArray[float64]") -> None:
    """Puts arctanh(strength * tanh(value)) into `value`. By the logarithm, which is vectorised: `np.arctanh` takes
    three times as long."""
    np.tanh(value, out=value)
    value *= strength
    np.subtract(1.0, value, out=scratch)
    value += 1.0
    value /= scratch
    np.log(value, out=value)
    value *= 0.5


def components(count: int, edges: "NDArray[int64]") -> "NDArray[int64]":
    """For each statement the smallest number of those connected with it."""
    label = np.arange(count)
    if not len(edges):
        return label
    while True:
        low = np.minimum(label[edges[:, 0]], label[edges[:, 1]])
        new = label.copy()
        np.minimum.at(new, edges[:, 0], low)
        np.minimum.at(new, edges[:, 1], low)
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new


def _grouped(label: "NDArray[int64]", wanted: "NDArray[int64]") -> "dict[int, NDArray[int64]]":
    order = np.argsort(label, kind="stable")
    ordered = label[order]
    starts, ends = np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
    return {int(part): order[start:end] for part, start, end in zip(wanted, starts, ends, strict=True)}


class _Bucket(Prefab):
    """One statement as it is summed out: the table over itself (first axis) and its later neighbours."""

    scope: list[int]
    table: "NDArray[float64]"
    message: "NDArray[float64]"
    """The table with the statement summed out, as the bucket that follows was given it."""


def _eliminate(field: Field, nodes: "NDArray[int64]", edges: "NDArray[int64]") -> "NDArray[float64] | None":
    """The exact marginals of one connected part by a pass of elimination and one back; None where it is too wide."""
    order = _order(field, nodes, edges)
    if order is None:
        return None
    place = {node: index for index, node in enumerate(order)}
    factors: dict[int, list[tuple[list[int], NDArray[float64]]]] = defaultdict(list)
    for node in order:
        factors[node].append(([node], np.array([-1.0, 1.0]) * field.bias[node]))
    for edge in edges:
        first, second = sorted((int(node) for node in field.edges[edge]), key=place.__getitem__)
        table = np.array([[1.0, -1.0], [-1.0, 1.0]]) * field.coupling[edge]
        factors[first].append(([first, second], table))
    buckets: dict[int, _Bucket] = {}
    for node in order:
        scope = sorted({one for among, _ in factors[node] for one in among}, key=place.__getitem__)
        table = _product(scope, factors[node])
        message = np.logaddexp(table[0], table[1])
        buckets[node] = _Bucket(scope, table, message)
        if len(scope) > 1:
            factors[scope[1]].append((scope[1:], message))
    return _back(order, buckets, nodes)


def _back(order: Sequence[int], buckets: dict[int, _Bucket], nodes: "NDArray[int64]") -> "NDArray[float64]":
    """Each statement's marginal: what came from below and, less its own message, what is above."""
    probability: dict[int, float] = {}
    for node in reversed(order):
        bucket = buckets[node]
        if len(bucket.scope) > 1:
            above = buckets[bucket.scope[1]]
            down = _summed(above.table, above.scope, bucket.scope[1:]) - bucket.message
            bucket.table = bucket.table + down[None]
        two = _summed(bucket.table, bucket.scope, [node])
        probability[node] = float(1.0 / (1.0 + np.exp(two[0] - two[1])))
    return np.array([probability[int(node)] for node in nodes])


def _order(field: Field, nodes: "NDArray[int64]", edges: "NDArray[int64]") -> list[int] | None:
    """The statements, those with the fewest neighbours first, each joined with what summing it out connects; None where
    one would have more than `WIDTH_MAX` neighbours."""
    near: dict[int, set[int]] = {int(node): set() for node in nodes}
    for edge in edges:
        first, second = (int(node) for node in field.edges[edge])
        near[first].add(second)
        near[second].add(first)
    by_degree: list[set[int]] = [set() for _ in range(WIDTH_MAX + 1)]
    for node, others in near.items():
        if len(others) <= WIDTH_MAX:
            by_degree[len(others)].add(node)
    order: list[int] = []
    while len(order) < len(nodes):
        group = next((group for group in by_degree if group), None)
        if group is None:
            return None
        node = min(group)
        group.remove(node)
        order.append(node)
        others = near.pop(node)
        for one in others:
            before = len(near[one])
            near[one] |= others
            near[one] -= {one, node}
            if before <= WIDTH_MAX:
                by_degree[before].discard(one)
            if len(near[one]) <= WIDTH_MAX:
                by_degree[len(near[one])].add(one)
    return order


def _product(scope: Sequence[int], factors: "Sequence[tuple[list[int], NDArray[float64]]]") -> "NDArray[float64]":
    """The sum of logarithmic tables, spread over the scope; every factor's scope is in the order of the scope."""
    total = np.zeros((2,) * len(scope))
    for among, table in factors:
        total = total + table.reshape([2 if one in among else 1 for one in scope])
    return total


def _summed(table: "NDArray[float64]", scope: Sequence[int], kept: Sequence[int]) -> "NDArray[float64]":
    """The logarithmic table with all but `kept`, which is in the order of the scope, summed out."""
    axes = tuple(axis for axis, one in enumerate(scope) if one not in kept)
    return np.logaddexp.reduce(table, axis=axes) if axes else table
