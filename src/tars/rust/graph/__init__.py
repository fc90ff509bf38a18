"""The project graph: what names, types, traits and methods exist in a workspace and in the standard library."""

from collections.abc import Mapping

from tars.rust.rule import Symbols
from tars.rust.source import SourceFile


def symbols_of(files: Mapping[str, SourceFile], edition: str) -> Symbols:
    """The symbols of a workspace given as its files."""
    raise NotImplementedError
