"""Citations that cannot rot: `library.open_library` proves them, `index.open_index` searches what can be cited, and
`explain.explain` explains codes, lints and diagnostics with nothing else."""
