"""T0056: a version that does not exist."""

CODE = "T0056"
TITLE = "unresolvable version"
EXPLANATION = """
`use_<language>_module` names a version that the project's store does not have, or its value is no version. It is
`"name@v3"`, `"name@latest"` or `"name@"` with the beginning of a content hash. `tarscli versions` lists what there is.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
}

use_python_module = "clean@three"
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}

use_python_module = "clean@v3"
"""
