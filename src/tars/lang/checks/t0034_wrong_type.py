"""T0034: an attribute's value is of the wrong type."""

CODE = "T0034"
TITLE = "wrong type"
EXPLANATION = """
The value is not what the attribute takes: a string where true or false is needed, a number where a path is needed, and
so on. Nothing is converted silently, so that `runtime = 3.12` does not become another version than was meant.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  cache  = "yes"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  cache  = true
}
"""
