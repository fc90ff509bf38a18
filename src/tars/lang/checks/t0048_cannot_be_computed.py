"""T0048: an expression that has no value."""

CODE = "T0048"
TITLE = "expression cannot be computed"
EXPLANATION = """
The operation makes no sense for these values: a number is added to a text, a list has no such element, an object no
such attribute, a text is not the JSON that it should be. Where that may happen, `try(expression, fallback)` gives
another value.
"""
WRONG = """
locals {
  sum = "one" + 2
}
"""
RIGHT = """
locals {
  sum = 1 + 2
}
"""
