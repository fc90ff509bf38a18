"""T0058: beliefs that cannot all be held."""

from collections.abc import Iterator

from tars.core.values import Diagnostic, Related
from tars.lang.meaning.collect import Part
from tars.lang.meaning.resolve import Scope
from tars.lang.meaning.resolved import Resolved, finding
from tars.lang.values import Declaration

CODE = "T0058"
TITLE = "contradictory belief"
EXPLANATION = """
Beliefs of one graph cannot be held together:

- a belief supports and contradicts the same belief, or contradicts itself;
- of two beliefs one supports the other, and the other contradicts it;
- two beliefs contradict each other, and each is held to be more likely true than not (confidence above 0.5).

Lower the confidence of one, or take out one of the relations.
"""
WRONG = """
belief_graph "lab" {
  belief "fast" {
    statement  = "The cache makes runs faster"
    confidence = 0.9
  }
  belief "slow" {
    statement   = "The cache makes runs slower"
    confidence  = 0.7
    contradicts = ["fast"]
  }
}
"""
RIGHT = """
belief_graph "lab" {
  belief "fast" {
    statement  = "The cache makes runs faster"
    confidence = 0.9
  }
  belief "slow" {
    statement   = "The cache makes runs slower"
    confidence  = 0.1
    contradicts = ["fast"]
  }
}
"""

_LIKELY = 0.5


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    for scope, part, declaration in resolved.declarations:
        if declaration.type == "belief_graph":
            yield from _judge(scope, part, declaration)


def _names(belief: Declaration, relation: str) -> list[str]:
    found = belief.attributes.get(relation, [])
    return [str(name) for name in found] if isinstance(found, list) else []


def _confidence(belief: Declaration) -> float:
    found = belief.attributes.get("confidence", _LIKELY)
    return float(found) if isinstance(found, int | float) else _LIKELY


def _judge(scope: Scope, part: Part, graph: Declaration) -> Iterator[Diagnostic]:
    beliefs = {belief.labels[0]: belief for belief in graph.blocks}
    parts = {inner.label: inner for inner in part.blocks}
    told: set[frozenset[str]] = set()
    for name, belief in beliefs.items():
        for other in _names(belief, "contradicts"):
            if other not in beliefs or frozenset((name, other)) in told:
                continue
            message = _clash(name, other, belief, beliefs[other])
            if message:
                told.add(frozenset((name, other)))
                attribute = parts[name].attributes["contradicts"].value
                at = scope.span(parts[other].block.start, parts[other].block.header_end)
                related = (Related(at, f"`{other}` is here"),) if other != name else ()
                hint = "lower the confidence of one of them, or take the relation out"
                yield finding(CODE, scope.span(attribute.start, attribute.end), message, hint, related)


def _clash(name: str, other: str, belief: Declaration, contradicted: Declaration) -> str:
    if name == other:
        return f"`{name}` contradicts itself"
    if other in _names(belief, "supports"):
        return f"`{name}` supports and contradicts `{other}`"
    if name in _names(contradicted, "supports"):
        return f"`{name}` contradicts `{other}`, which supports it"
    mine, its = _confidence(belief), _confidence(contradicted)
    if mine > _LIKELY and its > _LIKELY:
        return f"`{name}` ({mine:g}) and `{other}` ({its:g}) contradict each other, yet both are held to be likely"
    return ""
