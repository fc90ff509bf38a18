"""T0052: a path with backslashes."""

CODE = "T0052"
TITLE = "backslash in a path"
EXPLANATION = """
Paths are written with `/` on every system, Windows too; a backslash begins an escape in a string.
"""
WRONG = r"""
python_module "clean" {
  source = "agents\\clean.py"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}
"""
