"""The Rust engineer: it mends crates that do not build, offline, with minimal patches that are proven first."""
