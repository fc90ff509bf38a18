"""T0068: an output that is only known after the run is used as a value."""

CODE = "T0068"
TITLE = "only known after the run"
EXPLANATION = """
A module without a declared `output` is watched: what it writes is only known once it ran. A reference to it can be
handed over as a whole, as an item of `input` or `args`, but nothing can be computed from it. Declare the `output` to
know its path.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
}

locals {
  copy = "${python_module.clean.output}.bak"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  output = "output/clean.json"
}

locals {
  copy = "${python_module.clean.output}.bak"
}
"""
