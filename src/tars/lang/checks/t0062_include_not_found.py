"""T0062: an included metascript does not exist."""

from collections.abc import Mapping

CODE = "T0062"
TITLE = "include not found"
EXPLANATION = """
The `path` of an `include` names no file. It is relative to the folder of the metascript that it stands in.
"""
WRONG = """
include {
  path = "./ohter.tars"
}
"""
RIGHT = """
include {
  path = "./other.tars"
}
"""
FILES: Mapping[str, str | bytes] = {"other.tars": "locals {\n  x = 1\n}\n"}
