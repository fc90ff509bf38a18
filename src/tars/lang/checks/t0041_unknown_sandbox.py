"""T0041: a sandbox that does not exist."""

CODE = "T0041"
TITLE = "unknown sandbox"
EXPLANATION = """
There is no sandbox of this name. A list of names is a chain, of which the first that works on the machine is taken.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  sandbox = ["proces", "none"]
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  sandbox = ["process", "none"]
}
"""
