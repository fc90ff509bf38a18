"""Syntax: `=` is missing between a name and its value."""

CODE = "T0004"
TITLE = "`=` is missing between a name and its value"
EXPLANATION = """
An attribute is written `name = value`. A name followed by a text alone would be the first line of a block, which
needs a `{`.
"""
WRONG = """
settings {
  jobs 2
}
"""
RIGHT = """
settings {
  jobs = 2
}
"""
