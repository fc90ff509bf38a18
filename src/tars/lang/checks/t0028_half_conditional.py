"""Syntax: a conditional without its `:`."""

CODE = "T0028"
TITLE = "a conditional without its `:`"
EXPLANATION = """
A conditional has two values: `condition ? value : other`.
"""
WRONG = """
locals {
  a = true ? 1
}
"""
RIGHT = """
locals {
  a = true ? 1 : 2
}
"""
