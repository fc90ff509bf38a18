"""The operators, one in a file: each makes patches in the one patch language, and applies nothing."""
