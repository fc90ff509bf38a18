"""Syntax: a template directive that does not fit."""

CODE = "T0018"
TITLE = "a template directive that does not fit"
EXPLANATION = """
The directives are `%{ if … }`, `%{ else }`, `%{ endif }`, `%{ for … in … }` and `%{ endfor }`; each `if` and `for` has
its end within the same string.
"""
WRONG = """
locals {
  a = "%{ if true }yes"
}
"""
RIGHT = """
locals {
  a = "%{ if true }yes%{ endif }"
}
"""
