"""The forms of one metascript: its canonical text, and the same as JSON and YAML."""
