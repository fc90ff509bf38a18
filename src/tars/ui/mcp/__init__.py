"""The server that any client of the Model Context Protocol can ask; what it offers are the project's own commands."""
