"""What several repair rules share: questions about types, traits, patterns and loans. Pure code over frozen values."""
