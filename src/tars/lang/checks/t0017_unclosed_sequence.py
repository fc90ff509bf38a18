"""Syntax: a `${` or `%{` is never closed."""

CODE = "T0017"
TITLE = "a `${` or `%{` is never closed"
EXPLANATION = """
In a string, `${` begins an expression and `%{` a directive, and both end with `}`. To write them as text, double the
first character: `$${`, `%%{`.
"""
WRONG = """
locals {
  a = "x ${1 + 2"
}
"""
RIGHT = """
locals {
  a = "x ${1 + 2}"
}
"""
