"""Metascripts as what is evolved: patches of their graph, and headless runs of candidates."""
