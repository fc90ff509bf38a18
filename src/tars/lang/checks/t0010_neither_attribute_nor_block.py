"""Syntax: a line that is neither an attribute nor a block."""

CODE = "T0010"
TITLE = "a line that is neither an attribute nor a block"
EXPLANATION = """
Each line in a body begins an attribute, `name = value`, or a block, `type "label" {`. A word alone is half of either.
"""
WRONG = """
settings {
  jobs
}
"""
RIGHT = """
settings {
  jobs = 2
}
"""
