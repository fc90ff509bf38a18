"""Mends what builds and fails its tests: where the failing tests lead to, small slips are taken back, one at a time."""
