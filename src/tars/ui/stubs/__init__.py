"""Typed stubs: the JSON Schemas that a metascript names, as types of the languages that its modules are written in."""
