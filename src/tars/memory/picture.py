"""Beliefs and how they bear on one another as a picture: DOT for Graphviz, Mermaid for Markdown, or plain data.

Pure: the same beliefs give the same text. Colour says how sure one may be, and the number beside says it too; what
contradicts is red and dashed, what carries strength green.
"""

from collections.abc import Sequence
from typing import Final

from tars.core.values import Json
from tars.memory.snapshot import BEARINGS, Snapshot
from tars.memory.values import Bearing

STATEMENT_SHOWN_MAX: Final = 60
_LINE: Final = 28
_SURE: Final = ((0.8, "#c7e9c0"), (0.6, "#e5f5e0"), (0.4, "#f7f7f7"), (0.2, "#fee0d2"), (0.0, "#fcbba1"))
"""From which confidence on a belief has which colour."""
_STYLES: Final = {
    Bearing.SUPPORTS: ("#238b45", "solid", "-->"),
    Bearing.CONTRADICTS: ("#cb181d", "dashed", "-.-x"),
    Bearing.REFINES: ("#2171b5", "solid", "-->"),
    Bearing.DERIVED_FROM: ("#6a51a3", "dotted", "-.->"),
}


def edges_among(snapshot: Snapshot, rows: Sequence[int]) -> list[tuple[int, Bearing, int]]:
    """The relations between the beliefs of those rows."""
    among = set(rows)
    return [
        (row, BEARINGS[snapshot.bearing[number]], snapshot.target[number])
        for row in rows
        for number in snapshot.out_of(row)
        if snapshot.target[number] in among
    ]


def as_data(snapshot: Snapshot, rows: Sequence[int]) -> dict[str, Json]:
    """`nodes` with id, statement and confidence, and `edges` with source, bearing and target."""
    nodes: list[Json] = [
        {"id": one.belief.id, "statement": one.belief.statement, "confidence": round(one.confidence, 6)}
        for one in map(snapshot.judged, rows)
    ]
    edges: list[Json] = [
        {"source": snapshot.id_of(source), "bearing": bearing.value, "target": snapshot.id_of(target)}
        for source, bearing, target in edges_among(snapshot, rows)
    ]
    return {"nodes": nodes, "edges": edges}


def as_dot(snapshot: Snapshot, rows: Sequence[int], middle: int | None = None) -> str:
    """For `dot -Tsvg`. `middle` is the belief that the picture is about."""
    lines = [
        "digraph beliefs {",
        '  graph [rankdir=BT, bgcolor=white, nodesep=0.35, ranksep=0.6, fontname="Helvetica"];',
        '  node [shape=box, style="rounded,filled", color="#969696", fontname="Helvetica", fontsize=11, margin=0.15];',
        '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.7];',
    ]
    places = {row: place for place, row in enumerate(rows)}
    for row in rows:
        wide = ", penwidth=2.5, color=black" if row == middle else ""
        label = "\\n".join(_dot(line) for line in _lines(snapshot, row))
        lines.append(f'  n{places[row]} [label="{label}", fillcolor="{_colour(snapshot.probability[row])}"{wide}];')
    for source, bearing, target in edges_among(snapshot, rows):
        colour, style, _ = _STYLES[bearing]
        label = f'label="{bearing.value.replace("_", " ")}", fontcolor="{colour}"'
        lines.append(f'  n{places[source]} -> n{places[target]} [{label}, color="{colour}", style={style}];')
    return "\n".join((*lines, "}"))


def as_mermaid(snapshot: Snapshot, rows: Sequence[int], middle: int | None = None) -> str:
    """For a `mermaid` block in Markdown."""
    lines = ["flowchart BT"]
    places = {row: place for place, row in enumerate(rows)}
    for row in rows:
        label = "<br/>".join(_mermaid(line) for line in _lines(snapshot, row))
        lines.append(f'  n{places[row]}("{label}")')
        wide = ",stroke-width:3px,stroke:#000" if row == middle else ",stroke:#969696"
        lines.append(f"  style n{places[row]} fill:{_colour(snapshot.probability[row])},color:#000{wide}")
    for number, (source, bearing, target) in enumerate(edges_among(snapshot, rows)):
        colour, _, arrow = _STYLES[bearing]
        lines.append(f"  n{places[source]} {arrow}|{bearing.value.replace('_', ' ')}| n{places[target]}")
        lines.append(f"  linkStyle {number} stroke:{colour}")
    return "\n".join(lines)


def _lines(snapshot: Snapshot, row: int) -> list[str]:
    """A node's text: its name and confidence, then its statement in lines that fit."""
    one = snapshot.judged(row)
    text = " ".join(_shown(one.belief.statement).split())
    if len(text) > STATEMENT_SHOWN_MAX:
        text = text[: STATEMENT_SHOWN_MAX - 1].rstrip() + "…"
    lines = [f"{_shown(one.belief.id)} · {'' if one.exact else '~'}{one.confidence * 100:.0f} %", ""]
    for word in text.split():
        if len(lines[-1]) + len(word) > _LINE and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _colour(confidence: float) -> str:
    return next(colour for least, colour in _SURE if confidence >= least)


def _dot(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _mermaid(text: str) -> str:
    """Mermaid's own escapes: what could end the text, be markup or be taken for a link is written by its number."""
    return "".join(letter if letter.isalnum() or letter in " .,:·~%…-_" else f"#{ord(letter)};" for letter in text)
