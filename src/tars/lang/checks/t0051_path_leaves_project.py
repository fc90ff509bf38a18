"""T0051: a path that leads out of the project."""

CODE = "T0051"
TITLE = "path leaves the project"
EXPLANATION = """
A path leads out of the project's folder: by `..`, because it is absolute, or through a symbolic link. What is outside
is not the same on another machine, cannot be versioned, and is closed to agents in a sandbox.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  output = "../../out.json"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  output = "output/out.json"
}
"""
