"""What proven mends teach: golden entries, edit patterns, a project's memory of its mistakes."""
