"""What is offered to complete a word, and which offers fit what is typed of it."""

from typing import NamedTuple

from lsprotocol import types


class Offer(NamedTuple):
    """One thing that may be written. `snippet` has places to fill in, `plain` is for editors without these."""

    label: str
    kind: types.CompletionItemKind
    detail: str = ""
    doc: str = ""
    snippet: str = ""
    plain: str = ""
    rank: int = 1


def fits(label: str, word: str) -> bool:
    """Whether the letters of the word come in the label in their order, the first at the beginning of a part."""
    if not word:
        return True
    low, typed = label.lower(), word.lower()
    if low.startswith(typed) or typed in low:
        return True
    place = -1
    for letter in typed:
        place = low.find(letter, place + 1)
        if place < 0:
            return False
    return low[:1] == typed[:1]
