"""The language server: what an editor asks of metascripts, answered by the same code that checks and formats them."""
