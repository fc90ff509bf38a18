"""Syntax: a comment is never closed."""

CODE = "T0016"
TITLE = "a comment is never closed"
EXPLANATION = """
A comment that begins with `/*` ends with `*/`. One that begins with `#` or `//` ends with its line.
"""
WRONG = """
locals {
  /* the first
  a = 1
}
"""
RIGHT = """
locals {
  /* the first */
  a = 1
}
"""
