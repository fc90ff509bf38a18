"""T0059: a confidence that is not between 0 and 1."""

CODE = "T0059"
TITLE = "confidence out of range"
EXPLANATION = """
A confidence is more than 0 and less than 1. At 0 and 1 no evidence could ever change it again.
"""
WRONG = """
reflection {
  summary    = "It works"
  confidence = 1
}
"""
RIGHT = """
reflection {
  summary    = "It works"
  confidence = 0.99
}
"""
