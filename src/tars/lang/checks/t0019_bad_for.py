"""Syntax: a `for` expression that cannot be read."""

CODE = "T0019"
TITLE = "a `for` expression that cannot be read"
EXPLANATION = """
A list is `[for value in list : result]`, an object `{for key, value in map : key => result}`, both with an optional
`if condition` at the end. A key or a variable that is called `for` is written in quotes or parentheses.
"""
WRONG = """
locals {
  a = [for x of [1, 2] : x]
}
"""
RIGHT = """
locals {
  a = [for x in [1, 2] : x]
}
"""
