"""T0031: a block of a type that does not exist there."""

CODE = "T0031"
TITLE = "unknown block"
EXPLANATION = """
There is no block of this type, or not in this place. The types are listed in the reference of blocks; a language's
modules are `<language>_module`, where its toolchain is installed.
"""
WRONG = """
pyhton_module "clean" {
  source = "agents/clean.py"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}
"""
