"""How a run is shown: live on a terminal, as lines, as JSON, and what is left on the screen at its end."""
