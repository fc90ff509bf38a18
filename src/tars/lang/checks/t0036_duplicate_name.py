"""T0036: two things of one kind have the same name."""

CODE = "T0036"
TITLE = "duplicate name"
EXPLANATION = """
Two modules, variables, computed values or other blocks have the same name, so nobody could tell which is meant. Modules
share their names across languages, because versions are kept by name.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
}

rust_module "clean" {
  source = "agents/count.rs"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}

rust_module "count" {
  source = "agents/count.rs"
}
"""
