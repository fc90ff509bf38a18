"""The rule pack, one rule in a file: each looks at the version before and the candidate, and says what is forbidden."""
