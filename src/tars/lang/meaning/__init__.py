"""A tree into what it means: names, references, values, includes, and the modules in an order that runs."""
