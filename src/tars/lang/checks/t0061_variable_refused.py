"""T0061: a variable's value does not satisfy its validation."""

CODE = "T0061"
TITLE = "variable validation failed"
EXPLANATION = """
The `condition` of a `validation` block is not true of the value. The message is the `error_message` of that block.
"""
WRONG = """
variable "share" {
  default = 1.5
  validation {
    condition     = var.share <= 1
    error_message = "A share is at most 1."
  }
}
"""
RIGHT = """
variable "share" {
  default = 0.5
  validation {
    condition     = var.share <= 1
    error_message = "A share is at most 1."
  }
}
"""
