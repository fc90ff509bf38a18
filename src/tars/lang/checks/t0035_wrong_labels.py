"""T0035: a block has too many or too few labels."""

CODE = "T0035"
TITLE = "wrong number of labels"
EXPLANATION = """
The label of a block is what stands between its type and the brace. Modules, variables and outputs have one, their name;
`locals`, `include` and `settings` have none.
"""
WRONG = """
python_module {
  source = "agents/clean.py"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}
"""
