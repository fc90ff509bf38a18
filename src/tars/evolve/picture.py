"""The lineage as a picture: an SVG that stands alone, and a page around it with the patches."""

from collections.abc import Sequence
from html import escape
from typing import Final

from ducktools.classbuilder.prefab import Prefab

WIDTH: Final = 960
HEIGHT: Final = 420
MARGIN: Final = 40


class Mark(Prefab, frozen=True):
    """One candidate, or with the number 0 the version before, whose `parent` is -1. `score` is None where it failed,
    and of the version before where the search did not come to its end."""

    number: int
    parent: int
    producer: str
    score: float | None
    patch: str
    accepted: bool


def picture(title: str, marks: Sequence[Mark], sign: int) -> str:
    """Candidates from left to right in the order of their making, the better scores above (the smaller ones where
    `sign` is -1); a line leads to each from its parent. What failed lies on the ground line."""
    places = _places(marks, sign)
    lines = [
        f'<line x1="{places[one.parent][0]:.1f}" y1="{places[one.parent][1]:.1f}" x2="{places[one.number][0]:.1f}" '
        f'y2="{places[one.number][1]:.1f}"/>'
        for one in marks
        if one.parent in places
    ]
    dots = [_dot(one, *places[one.number]) for one in marks]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="11"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<g stroke="#b8c0cc" stroke-width="1">{"".join(lines)}</g>{"".join(dots)}'
        f'<text x="{MARGIN}" y="20" font-size="14">{escape(title)}</text></svg>\n'
    )


def page(title: str, marks: Sequence[Mark], sign: int) -> str:
    """The picture, which has the title in it, and a table of all candidates with their patches."""
    rows = "".join(
        f'<tr id="c{one.number}"><td>{one.number}</td><td>{one.parent if one.parent >= 0 else ""}</td>'
        f"<td>{escape(one.producer)}</td><td>{'' if one.score is None else f'{one.score:.6g}'}</td>"
        f"<td><code>{escape(one.patch[:400])}</code></td></tr>"
        for one in marks
    )
    style = "body{font:14px sans-serif;margin:2em}td{padding:.2em .8em;vertical-align:top}code{word-break:break-all}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{style}</style>'
        f"{picture(title, marks, sign)}"
        f"<table><tr><th>candidate</th><th>from</th><th>by</th><th>score</th><th>patch</th></tr>{rows}</table></html>\n"
    )


def _places(marks: Sequence[Mark], sign: int) -> dict[int, tuple[float, float]]:
    scores = [sign * one.score for one in marks if one.score is not None]
    low, high = (min(scores), max(scores)) if scores else (0.0, 1.0)
    span = (high - low) or 1.0
    last = max((one.number for one in marks), default=1) or 1
    found: dict[int, tuple[float, float]] = {}
    for one in marks:
        share = -0.06 if one.score is None else (sign * one.score - low) / span
        x = MARGIN + (WIDTH - 2 * MARGIN) * one.number / last
        found[one.number] = x, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN - 20) * share
    return found


def _dot(one: Mark, x: float, y: float) -> str:
    colour = "#0a7d34" if one.accepted else "#b3261e" if one.score is None and one.number else "#2f5fd0"
    score = "failed" if one.score is None and one.number else "" if one.score is None else f"{one.score:.6g}"
    said = escape(f"{one.number} {one.producer} {score}".strip())
    label = f'<text x="{x + 7:.1f}" y="{y - 5:.1f}">{one.number}: {score}</text>' if one.accepted else ""
    radius = 6 if one.accepted else 3.5
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}">'
    return f"{circle}<title>{said}</title></circle>{label}"
