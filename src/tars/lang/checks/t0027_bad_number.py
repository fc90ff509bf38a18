"""Syntax: a number that cannot be read."""

CODE = "T0027"
TITLE = "a number that cannot be read"
EXPLANATION = """
Numbers are decimal, such as `10`, `0.5` or `1.5e3`: without separators, signs within them, or a base. Two indices in a
row are written `a[0][1]`, because `a.0.1` reads as the number 0.1.
"""
WRONG = """
locals {
  a = 1_000
}
"""
RIGHT = """
locals {
  a = 1000
}
"""
