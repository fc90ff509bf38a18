"""Where candidates run: a warm confined worker for screening, a fresh cell for what counts."""
