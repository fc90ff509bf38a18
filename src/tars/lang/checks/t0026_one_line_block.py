"""Syntax: a block that is half on one line."""

CODE = "T0026"
TITLE = "a block that is half on one line"
EXPLANATION = """
A block either stands on one line as a whole, and then holds attributes alone, or its body begins on the line after the
`{` and its `}` has a line of its own.
"""
WRONG = """
settings { jobs = 2
}
"""
RIGHT = """
settings {
  jobs = 2
}
"""
