"""Syntax: a value is written in a way that cannot be read."""

CODE = "T0012"
TITLE = "a value is written in a way that cannot be read"
EXPLANATION = """
Something stands where a value, an operator's other side or a name was expected, such as `1 + * 2`, `a.` or `==` for
`=`.
"""
WRONG = """
locals {
  a = 1 + * 2
}
"""
RIGHT = """
locals {
  a = 1 + 2
}
"""
