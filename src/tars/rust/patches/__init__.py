"""Patches bound to bytes: kept for review, written as one, taken back, and the diaries that tell of them."""
