"""One verb, one file, found by its name: its docstring is its summary, `configure` its parser, `run` what it does."""
