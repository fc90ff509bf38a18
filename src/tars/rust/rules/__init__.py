"""The repair rules, one file each: what it mends, why that is right, and the examples that test it."""
