"""Sources as what is evolved: their files, what they declare, and how patches change them."""
