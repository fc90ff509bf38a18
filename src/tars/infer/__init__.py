"""Runs models: engines behind one seam, and answers that hold to a schema whatever the engine promised."""
