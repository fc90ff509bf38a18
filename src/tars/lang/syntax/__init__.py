"""Text into a tree: the lexer and the parser, which never fail and put every error in its place."""
