"""One command, started and ended: its streams, its limits, and nothing of it left behind."""
