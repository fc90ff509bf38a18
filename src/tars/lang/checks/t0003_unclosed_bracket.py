"""Syntax: a bracket is never closed."""

CODE = "T0003"
TITLE = "a bracket is never closed"
EXPLANATION = """
A `[`, `(` or `{` within a value was opened and not closed before the next statement, or was closed by a bracket of
another kind. The second place that the message shows is where it was opened.
"""
WRONG = """
locals {
  a = [1, 2
  b = 3
}
"""
RIGHT = """
locals {
  a = [1, 2]
  b = 3
}
"""
