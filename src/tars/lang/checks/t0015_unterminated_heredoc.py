"""Syntax: a heredoc is never closed."""

CODE = "T0015"
TITLE = "a heredoc is never closed"
EXPLANATION = """
A heredoc begins with `<<MARKER` and ends with a line on which the marker stands alone. With `<<-MARKER` the indentation
that all lines share is taken away.
"""
WRONG = """
locals {
  a = <<EOT
    hello
}
"""
RIGHT = """
locals {
  a = <<EOT
    hello
  EOT
}
"""
