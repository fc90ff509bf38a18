"""Recall: texts that were added or read from folders, found again by their words and their meaning, with anchors."""
