"""Whether a candidate is better: the metric, the statistics, the gates, and who may not have changed meanwhile."""
