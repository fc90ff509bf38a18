"""Small changes of sources that leave them well formed, by language."""
