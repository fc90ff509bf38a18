"""T0065: a variable's type that does not exist."""

CODE = "T0065"
TITLE = "unknown type"
EXPLANATION = """
The type of a variable is `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `tuple([…])` or
`object({ name = type })`, in which `optional(type, default)` marks what may be left out.
"""
WRONG = """
variable "share" {
  type    = integer
  default = 1
}
"""
RIGHT = """
variable "share" {
  type    = number
  default = 1
}
"""
