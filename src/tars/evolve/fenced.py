"""Data in a prompt: between two lines that it cannot itself contain, so that nothing in it passes for instructions."""

from typing import Final

from tars.evolve.patch import digest_of

DIGEST_CHARACTERS: Final = 12


def fenced(data: str) -> str:
    """The data between `<data …>` and `</data …>` with the beginning of its own digest: who wrote the data could not
    have written that too."""
    mark = digest_of(data)[:DIGEST_CHARACTERS]
    return f"<data {mark}>\n{data}\n</data {mark}>"
