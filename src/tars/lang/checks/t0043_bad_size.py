"""T0043: a size that cannot be read."""

CODE = "T0043"
TITLE = "bad size"
EXPLANATION = """
A size is a number of bytes, or a string of a number and a unit: "512MB" (powers of ten) or "2GiB" (powers of two).
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  resources {
    memory = "lots"
  }
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  resources {
    memory = "512MB"
  }
}
"""
