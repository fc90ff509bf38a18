"""What agents know: beliefs with sound confidences, and recall of what was read. Kept in the project's own store."""
