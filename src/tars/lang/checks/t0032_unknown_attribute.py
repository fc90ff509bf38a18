"""T0032: an attribute that its block does not have."""

CODE = "T0032"
TITLE = "unknown attribute"
EXPLANATION = """
The block has no attribute of this name. The hint names the nearest one. Values of your own go into a `locals` block.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  ouput  = "output/clean.json"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  output = "output/clean.json"
}
"""
