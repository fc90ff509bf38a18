"""T0046: a function that does not exist."""

CODE = "T0046"
TITLE = "unknown function"
EXPLANATION = """
There is no function of this name. The functions are listed in the reference; they are those of Terraform, without those
that would make a metascript differ from run to run, such as `timestamp` and `uuid`: nothing could be cached then.
"""
WRONG = """
locals {
  name = uper("a")
}
"""
RIGHT = """
locals {
  name = upper("a")
}
"""
