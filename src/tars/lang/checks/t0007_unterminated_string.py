"""Syntax: a string is never closed."""

CODE = "T0007"
TITLE = "a string is never closed"
EXPLANATION = """
A string in quotes ends on the line on which it begins. A quote within it is written `\\"`, a new line `\\n`; a text
of several lines is a heredoc, `<<EOT`.
"""
WRONG = """
locals {
  a = "agents
}
"""
RIGHT = """
locals {
  a = "agents"
}
"""
