"""`tarscli`, the command line: it parses words, calls the layers below, and prints what came of it."""
