"""Syntax: a block is never closed."""

CODE = "T0001"
TITLE = "a block is never closed"
EXPLANATION = """
Every `{` that opens a block needs a `}` on a line of its own. The file's indentation tells where it is missing: at the
first statement that is not indented further than the block's first line. The blocks around it are read all the same.
"""
WRONG = """
locals {
  a = 1

settings {
  jobs = 2
}
"""
RIGHT = """
locals {
  a = 1
}

settings {
  jobs = 2
}
"""
