"""T0067: a belief names another one that its graph has not."""

from collections.abc import Iterator

from tars.core.near import close_matches
from tars.core.values import Diagnostic
from tars.lang.meaning.resolved import Resolved, finding

CODE = "T0067"
TITLE = "unknown belief"
EXPLANATION = """
`supports` and `contradicts` name beliefs of the same graph by their labels. There is none of that name.
"""
WRONG = """
belief_graph "lab" {
  belief "fast" {
    statement = "The cache makes runs faster"
  }
  belief "measured" {
    statement = "A cached run took 20 ms"
    supports  = ["fsat"]
  }
}
"""
RIGHT = """
belief_graph "lab" {
  belief "fast" {
    statement = "The cache makes runs faster"
  }
  belief "measured" {
    statement = "A cached run took 20 ms"
    supports  = ["fast"]
  }
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    for scope, part, declaration in resolved.declarations:
        if declaration.type != "belief_graph":
            continue
        known = {belief.labels[0] for belief in declaration.blocks}
        for belief, inner in zip(declaration.blocks, part.blocks, strict=True):
            for relation in ("supports", "contradicts"):
                named = belief.attributes.get(relation, [])
                for name in named if isinstance(named, list) else []:
                    if name not in known:
                        near = close_matches(str(name), known, n=1)
                        hint = f"did you mean `{near[0]}`?" if near else "declare it in this graph"
                        node = inner.attributes[relation].value
                        message = f"the graph `{part.label}` has no belief `{name}`"
                        yield finding(CODE, scope.span(node.start, node.end), message, hint)
