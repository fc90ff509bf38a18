"""Runs what metascripts declare: toolchains build modules, sandboxes hold them, and every run is recorded."""
