"""TARS runs agents written in any language from declarative `.tars` files."""

__version__ = "0.1.0"
