"""T0044: a reference to something that does not exist."""

CODE = "T0044"
TITLE = "unknown reference"
EXPLANATION = """
A reference names a module, variable, computed value or block that is not declared in this metascript or in what it
includes. Text is written in quotes: without them a word is a reference.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  input  = local.corpsu
}

locals {
  corpus = "data/in.json"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  input  = local.corpus
}

locals {
  corpus = "data/in.json"
}
"""
