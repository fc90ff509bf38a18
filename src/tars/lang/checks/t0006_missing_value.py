"""Syntax: the value is missing."""

CODE = "T0006"
TITLE = "the value is missing"
EXPLANATION = """
Nothing stands after the `=`. The value of an attribute begins on the same line; a long one goes on over several lines
within brackets or as a heredoc.
"""
WRONG = """
settings {
  jobs =
}
"""
RIGHT = """
settings {
  jobs = 2
}
"""
