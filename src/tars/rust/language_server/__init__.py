"""Speaks the Language Server Protocol to a server that runs here: https://microsoft.github.io/language-server-protocol."""
