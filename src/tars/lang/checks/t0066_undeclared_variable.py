"""T0066: a value is given for a variable that is not declared."""

from collections.abc import Mapping

CODE = "T0066"
TITLE = "undeclared variable"
EXPLANATION = """
`--var`, or the `variables` of an `include`, name a variable that the metascript does not declare; most often the name
is misspelt, and the value would be silently lost.
"""
WRONG = """
include {
  path      = "./other.tars"
  variables = { shrae = 0.5 }
}
"""
RIGHT = """
include {
  path      = "./other.tars"
  variables = { share = 0.5 }
}
"""
FILES: Mapping[str, str | bytes] = {"other.tars": 'variable "share" {\n  default = 1\n}\n'}
