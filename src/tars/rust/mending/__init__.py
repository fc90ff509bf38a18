"""The episode that mends: senses, proposals, the patch tree search, its gates and what is kept."""
