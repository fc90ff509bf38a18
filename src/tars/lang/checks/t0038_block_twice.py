"""T0038: a block that may stand once stands twice."""

CODE = "T0038"
TITLE = "block given twice"
EXPLANATION = """
There may be one `settings` block in a metascript, and one `resources` block in a module.
"""
WRONG = """
settings {
  jobs = 2
}

settings {
  retention = 10
}
"""
RIGHT = """
settings {
  jobs      = 2
  retention = 10
}
"""
