"""Conversion: data that has not the form of a metascript."""

CODE = "T0024"
TITLE = "data that is not a metascript"
EXPLANATION = """
The JSON or YAML that is to become a metascript cannot be read, or has another form than the one that `tarscli schema`
describes: blocks are objects keyed by their type and labels, and a key stands once in an object. The message names the
place by a JSON pointer such as `/rust_module/clean/source`. The other way round, a body that holds the
same name twice cannot become data.
"""
WRONG = """
{"settings": [1]}
"""
RIGHT = """
{"settings": {"jobs": 2}}
"""
