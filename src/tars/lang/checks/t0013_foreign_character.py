"""Syntax: a character that has no place here."""

CODE = "T0013"
TITLE = "a character that has no place here"
EXPLANATION = """
The language uses letters, digits and the marks `{ } [ ] ( ) = , . : ? ! + - * / % < > & | " # _ $ ~`. Curly quotes,
non-breaking blanks and back ticks come from word processors and other languages. Any character may stand in a string.
"""
WRONG = """
locals {
  a = “agents”
}
"""
RIGHT = """
locals {
  a = "agents"
}
"""
