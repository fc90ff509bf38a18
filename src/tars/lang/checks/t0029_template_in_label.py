"""Syntax: a template in a block's label."""

CODE = "T0029"
TITLE = "a template in a block's label"
EXPLANATION = """
The labels of blocks are plain text, known before anything is computed.
"""
WRONG = """
output "a_${1 + 2}" {
  value = 3
}
"""
RIGHT = """
output "a_3" {
  value = 3
}
"""
