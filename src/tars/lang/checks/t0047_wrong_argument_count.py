"""T0047: a function is called with too few or too many arguments."""

CODE = "T0047"
TITLE = "wrong number of arguments"
EXPLANATION = """
The hint shows the function's form. A list is spread over the arguments by `...` after it: `max(local.sizes...)`.
"""
WRONG = """
locals {
  name = upper("a", "b")
}
"""
RIGHT = """
locals {
  name = join("", [upper("a"), upper("b")])
}
"""
