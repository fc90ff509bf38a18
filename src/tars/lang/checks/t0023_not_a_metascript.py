"""Syntax: a file that is no metascript."""

CODE = "T0023"
TITLE = "a file that is no metascript"
EXPLANATION = """
The file is binary, or has more than 32 million characters. A metascript is text in UTF-8; data belongs in files of its
own, which `input` names.
"""
WRONG = "a = 1\0"
RIGHT = """
settings {
  jobs = 2
}
"""
