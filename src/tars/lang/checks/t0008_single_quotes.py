"""Syntax: single quotes."""

CODE = "T0008"
TITLE = "single quotes"
EXPLANATION = """
Strings are written in double quotes, in which `${…}` inserts a value.
"""
WRONG = """
locals {
  a = 'agents'
}
"""
RIGHT = """
locals {
  a = "agents"
}
"""
