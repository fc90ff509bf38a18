"""T0039: a value of the right type that is not allowed."""

CODE = "T0039"
TITLE = "value not allowed"
EXPLANATION = """
The value has the right type, but is not one that is possible here: not one of the choices, a negative number, a name
with characters that a name cannot have.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  inject_as = "pipe"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  inject_as = "stdin"
}
"""
