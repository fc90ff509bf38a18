"""The actions of `tarscli evolve`, one in a file."""
