"""Syntax: text after a statement on its line."""

CODE = "T0011"
TITLE = "text after a statement on its line"
EXPLANATION = """
A statement ends with its line: no comma or semicolon separates it from the next, and two statements on a line are
allowed only within a block that stands on one line as a whole.
"""
WRONG = """
locals {
  a = 1, b = 2
}
"""
RIGHT = """
locals {
  a = 1
  b = 2
}
"""
