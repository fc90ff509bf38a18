"""T0030: a file is not UTF-8 text."""

from collections.abc import Mapping

CODE = "T0030"
TITLE = "not text"
EXPLANATION = """
A metascript, or a file that an `include` or a schema names, is not UTF-8 text: it is in another encoding, or it is a
binary file. Save it as UTF-8.
"""
WRONG = """
include {
  path = "picture.tars"
}
"""
RIGHT = """
include {
  path = "other.tars"
}
"""
FILES: Mapping[str, str | bytes] = {
    "picture.tars": b"\x89PNG\r\n\x1a\n\x00\xff\xfe",
    "other.tars": "locals {\n  x = 1\n}\n",
}
