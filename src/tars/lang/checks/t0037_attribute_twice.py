"""T0037: an attribute is set twice."""

CODE = "T0037"
TITLE = "attribute set twice"
EXPLANATION = """
One block sets the same attribute twice, perhaps under two of its names: `source`, `file` and `source_file` are the same
attribute. Keep one of them.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  file   = "agents/clean.py"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}
"""
