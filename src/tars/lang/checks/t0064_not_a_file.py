"""T0064: a folder, or a file that is too large, where a file should be."""

from collections.abc import Mapping

CODE = "T0064"
TITLE = "not a readable file"
EXPLANATION = """
A metascript is a file of at most 64 MB. What is named is a folder, a device, or larger than that.
"""
WRONG = """
include {
  path = "./data"
}
"""
RIGHT = """
include {
  path = "./other.tars"
}
"""
FILES: Mapping[str, str | bytes] = {"other.tars": "locals {\n  x = 1\n}\n"}
