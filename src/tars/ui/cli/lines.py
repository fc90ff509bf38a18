"""Turns the bytes that a program writes into lines to show: in pieces, with `\\r` bars, or binary."""

from collections import deque

from tars.ui.cli.printable import decoded

LINE_BYTES_MAX = 4096


class Lines:
    """The lines of one stream of one module; keeps the last few and whatever is not yet ended by a newline.

    A `\\r` starts the line again, as it does on a terminal, so a progress bar is one line and not a thousand.
    A line longer than `LINE_BYTES_MAX` is cut into pieces, so that memory stays bounded whatever comes.
    """

    __slots__ = ("_open", "kept")

    def __init__(self, keep: int) -> None:
        self.kept: deque[str] = deque(maxlen=keep)
        self._open = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes."""
        *ended, self._open = (self._open + data).split(b"\n")
        done: list[str] = []
        for line in ended:
            done += [_shown(piece) for piece in _pieces(line)]
        while len(self._open) > LINE_BYTES_MAX:
            done.append(_shown(self._open[:LINE_BYTES_MAX]))
            self._open = self._open[LINE_BYTES_MAX:]
        self.kept.extend(done)
        return done

    def glance(self, data: bytes) -> None:
        """Take in `data` as `feed` does, but only as much of its end as the kept lines need; for a live display."""
        room = LINE_BYTES_MAX * ((self.kept.maxlen or 1) + 1)
        self.feed(data[-room:] if len(data) > room else data)

    def finish(self) -> list[str]:
        """The last line where no newline ended it."""
        rest, self._open = self._open, b""
        done = [_shown(rest)] if rest else []
        self.kept.extend(done)
        return done

    @property
    def last(self) -> str:
        """What stands in the last line that is not blank, ended or not."""
        current = _shown(self._open) if self._open else ""
        if current.strip():
            return current
        return next((line for line in reversed(self.kept) if line.strip()), "")


def _pieces(line: bytes) -> list[bytes]:
    if len(line) <= LINE_BYTES_MAX:
        return [line]
    return [line[start : start + LINE_BYTES_MAX] for start in range(0, len(line), LINE_BYTES_MAX)]


def _shown(line: bytes) -> str:
    text = line.rstrip(b"\r")
    return decoded(text[text.rfind(b"\r") + 1 :])
