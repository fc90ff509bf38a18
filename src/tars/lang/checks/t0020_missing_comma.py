"""Syntax: no comma between two values."""

CODE = "T0020"
TITLE = "no comma between two values"
EXPLANATION = """
The values of a list and the arguments of a call are separated by commas, also at the ends of lines. The items of an
object may stand on lines of their own instead.
"""
WRONG = """
locals {
  a = [1 2]
}
"""
RIGHT = """
locals {
  a = [1, 2]
}
"""
