"""How well it mends: mutants and cases with known answers, baselines, figures."""
