"""Syntax: an item of an object that cannot be read."""

CODE = "T0021"
TITLE = "an item of an object that cannot be read"
EXPLANATION = """
An object's items are `key = value`. A key is a word or a string; to use the value of a reference as the key, put it in
parentheses.
"""
WRONG = """
locals {
  a = { b 1 }
}
"""
RIGHT = """
locals {
  a = { b = 1 }
}
"""
