"""Syntax: an escape sequence that does not exist."""

CODE = "T0014"
TITLE = "an escape sequence that does not exist"
EXPLANATION = """
In a string, a backslash begins one of `\\n`, `\\r`, `\\t`, `\\"`, `\\\\`, `\\uNNNN` and `\\UNNNNNNNN`. A backslash
itself is `\\\\`; paths are written with `/` on every system.
"""
WRONG = """
locals {
  a = "\\d+"
}
"""
RIGHT = """
locals {
  a = "\\\\d+"
}
"""
