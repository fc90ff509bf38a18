"""Syntax: nested too deep."""

CODE = "T0022"
TITLE = "nested too deep"
EXPLANATION = """
Brackets, templates and blocks nest at most 100 levels deep, and the operations of one expression at most 150. Give a
part of the expression a name in a `locals` block and refer to that.
"""
WRONG = "locals {\n  a = " + "[" * 101 + "1" + "]" * 101 + "\n}\n"
RIGHT = """
locals {
  a = [1]
}
"""
