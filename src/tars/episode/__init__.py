"""The loop that mends, improves and swaps: sense, plan, probe, propose, validate, remember; it knows no language."""
