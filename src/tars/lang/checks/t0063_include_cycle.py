"""T0063: metascripts include each other."""

from collections.abc import Mapping

CODE = "T0063"
TITLE = "include cycle"
EXPLANATION = """
A metascript includes itself, directly or by way of others. Put what both need into a third one that includes neither.
"""
WRONG = """
include {
  path = "./again.tars"
}
"""
RIGHT = """
include {
  path = "./other.tars"
}
"""
FILES: Mapping[str, str | bytes] = {
    "again.tars": 'include {\n  path = "./again.tars"\n}\n',
    "other.tars": "locals {\n  x = 1\n}\n",
}
