"""The `.tars` language, usable by itself: `parse` and `format_text` a text, `load` a metascript and what it includes.

    from tars.lang import load, parse
    file = parse('python_module "a" { source = "a.py" }')
    loaded = load(Path("lab.tars"), project=Path("."), languages=["python"])

Importing the package imports none of its parts: each name is brought in when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tars.lang.forms.format import format_text
    from tars.lang.meaning.load import load
    from tars.lang.syntax.parse import parse
    from tars.lang.values import Loaded, Metascript, Module

__all__ = ["Loaded", "Metascript", "Module", "format_text", "load", "parse"]

_HOMES = {
    "Loaded": "values",
    "Metascript": "values",
    "Module": "values",
    "format_text": "forms.format",
    "load": "meaning.load",
    "parse": "syntax.parse",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
