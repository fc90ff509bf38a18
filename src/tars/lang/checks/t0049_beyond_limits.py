"""T0049: an expression goes beyond what a metascript may compute."""

CODE = "T0049"
TITLE = "beyond the limits"
EXPLANATION = """
A metascript is read by every command, so it can neither hang nor eat the memory: the size of numbers, strings and
ranges, the depth of nesting and the work of all expressions together are limited. Compute large things in a module.
"""
WRONG = """
locals {
  numbers = range(100000000)
}
"""
RIGHT = """
locals {
  numbers = range(100)
}
"""
