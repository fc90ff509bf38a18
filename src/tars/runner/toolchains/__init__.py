"""The languages: one file each, found by its name. A toolchain plans how to build and start a module."""
