"""T0042: a duration that cannot be read."""

CODE = "T0042"
TITLE = "bad duration"
EXPLANATION = """
A duration is a string of numbers with units: `ms`, `s`, `m`, `h`, `d`, as in "500ms", "30s", "5m", "1h30m".
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  timeout = "5 minutes"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  timeout = "5m"
}
"""
