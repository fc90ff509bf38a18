"""T0060: a variable that has neither a value nor a default."""

CODE = "T0060"
TITLE = "variable without value"
EXPLANATION = """
A variable without a default needs a value: on the command line, `--var threshold=0.7`, or in the environment as
`TARS_VAR_threshold`; in an included metascript by the `variables` of the `include`.
"""
WRONG = """
variable "threshold" {
  type = number
}
"""
RIGHT = """
variable "threshold" {
  type    = number
  default = 0.5
}
"""
