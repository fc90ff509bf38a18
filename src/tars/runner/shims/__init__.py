"""Programs that start an agent's function or module in its own language: data for toolchains, not imported by TARS."""
