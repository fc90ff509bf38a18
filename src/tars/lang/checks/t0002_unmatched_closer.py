"""Syntax: a closing bracket without an opening one."""

CODE = "T0002"
TITLE = "a closing bracket without an opening one"
EXPLANATION = """
A `}`, `]` or `)` stands where nothing is open. Either it is left over from an edit, or the line that opened it is
missing.
"""
WRONG = """
locals {
  a = 1
}
}
"""
RIGHT = """
locals {
  a = 1
}
"""
