"""T0033: an attribute that is needed is not there."""

CODE = "T0033"
TITLE = "missing attribute"
EXPLANATION = """
The block cannot work without this attribute. A module needs its `source`, unless `entry_point` names the file or a pin
names a stored version.
"""
WRONG = """
python_module "clean" {
  output = "output/clean.json"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  output = "output/clean.json"
}
"""
