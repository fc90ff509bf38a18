"""T0040: a language for which there is no toolchain."""

CODE = "T0040"
TITLE = "unknown language"
EXPLANATION = """
No toolchain of this name is installed. Built in are rust, python, typescript, javascript, go, c, zig, lua, swift and
wasm; others come as plug-ins. This is about what TARS knows, not about compilers: `tarscli doctor` tells
about those.
"""
WRONG = """
agent_module "clean" {
  language = "pyton"
  source   = "agents/clean.py"
}
"""
RIGHT = """
agent_module "clean" {
  language = "python"
  source   = "agents/clean.py"
}
"""
