"""What is the matter with a target, what to try next, and the population of what was tried."""
