"""Places in bytes, as TARS counts them, and lines with columns, as language servers do."""

from typing import Any

from ducktools.classbuilder.prefab import Prefab


class Lines(Prefab, frozen=True):
    """The lines of one file. `units` is what columns count: `utf-8` (bytes) or `utf-16`."""

    data: bytes
    units: str

    def position(self, offset: int) -> dict[str, int]:
        """Where a byte is, in the server's words."""
        start = self.data.rfind(b"\n", 0, offset) + 1
        return {"line": self.data.count(b"\n", 0, offset), "character": self._columns(self.data[start:offset])}

    def offset(self, position: Any) -> int:
        """The byte at the server's position; a column beyond its line's end is that end. Raises `ValueError` for what
        is no position in the file."""
        line, column = position["line"], position["character"]
        if not (isinstance(line, int) and isinstance(column, int) and line >= 0 and column >= 0):
            raise ValueError(f"{position} is no position")
        start = 0
        for _ in range(line):
            start = self.data.find(b"\n", start) + 1
            if not start:
                raise ValueError(f"there is no line {line}")
        end = self.data.find(b"\n", start)
        text = self.data[start : len(self.data) if end < 0 else end].removesuffix(b"\r")
        if self.units == "utf-8":
            return start + min(column, len(text))
        units = text.decode("utf-8", "replace").encode("utf-16-le")[: column * 2]
        return start + len(units.decode("utf-16-le", "replace").encode())

    def _columns(self, text: bytes) -> int:
        return len(text) if self.units == "utf-8" else len(text.decode("utf-8", "replace").encode("utf-16-le")) // 2
