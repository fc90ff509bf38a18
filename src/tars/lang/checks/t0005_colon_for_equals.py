"""Syntax: `:` in place of `=`."""

CODE = "T0005"
TITLE = "`:` in place of `=`"
EXPLANATION = """
Attributes of blocks are set with `=`. A `:` is allowed only between the key and the value of an object, and the
formatter turns it into `=` there too.
"""
WRONG = """
settings {
  jobs: 2
}
"""
RIGHT = """
settings {
  jobs = 2
}
"""
