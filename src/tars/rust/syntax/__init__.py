"""Rust's text: files with their syntax trees, their tokens, their items, and changes of them."""
