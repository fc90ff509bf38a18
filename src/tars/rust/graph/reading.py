"""Reads files' items, each content once: what was read is kept by its hash for as long as the process lives."""

from collections import OrderedDict
from threading import Lock

from blake3 import blake3

from tars.rust.graph.items import FileItems, read_items
from tars.rust.syntax.source import SourceFile

_KEPT_MAX = 20_000
_kept: OrderedDict[bytes, FileItems] = OrderedDict()
_lock = Lock()


def items_of(file: SourceFile) -> FileItems:
    """The items of a file, read at most once for its content."""
    digest = blake3(file.data).digest()
    return remembered(digest) or remember(digest, read_items(file))


def remembered(digest: bytes) -> FileItems | None:
    """What was read from the content of that hash."""
    with _lock:
        found = _kept.get(digest)
        if found is not None:
            _kept.move_to_end(digest)
        return found


def remember(digest: bytes, items: FileItems) -> FileItems:
    """Keeps what was read from the content of that hash, and gives it back."""
    with _lock:
        _kept[digest] = items
        while len(_kept) > _KEPT_MAX:
            _kept.popitem(last=False)
    return items
