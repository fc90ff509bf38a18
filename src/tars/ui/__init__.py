"""The only code that prints, prompts or speaks a protocol."""
