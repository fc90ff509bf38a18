"""Begins a module block from an agent's source: which function starts it, what it takes and gives."""
