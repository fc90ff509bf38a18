"""Syntax: a block without its `{`."""

CODE = "T0009"
TITLE = "a block without its `{`"
EXPLANATION = """
A block is its type, its labels and a `{` on the same line; its body follows on the next lines.
"""
WRONG = """
settings
  jobs = 2
}
"""
RIGHT = """
settings {
  jobs = 2
}
"""
