"""A transaction: entries that become visible together, after everything that they name has reached the medium."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tars.core.errors import StoreError
from tars.core.values import Digest, Json
from tars.store.chain import Draft, canonical
from tars.store.journal import Drafting
from tars.store.tree import is_digest, named_in

if TYPE_CHECKING:
    from tars.store.store import Store


class Transaction:
    """Collects entries; `Store.transaction` appends them when its block ends without an exception.

    A body names what must be there for it: `"trees"` lists digests of trees, `"objects"` those of plain objects; each
    is a list, or a mapping whose values are digests. What is named must be in the store when the transaction ends;
    nothing is appended otherwise.
    """

    def __init__(self, store: "Store") -> None:
        self.store = store
        self.drafts: list[Draft | Drafting] = []
        self.trees: set[Digest] = set()
        self.objects: set[Digest] = set()
        self.afterwards: list[Callable[[], None]] = []

    def append(self, kind: str, body: Mapping[str, Json], *, subject: str = "", key: str = "", run: str = "") -> None:
        """Adds an entry. Raises `StoreError` where the body cannot be written as JSON or names no digest."""
        self.name(body)
        self.drafts.append(drafted(kind, body, subject=subject, key=key, run=run))

    def append_made(self, make: Drafting) -> None:
        """Adds the entries that `make` drafts inside the final write transaction, where it may read the journal."""
        self.drafts.append(make)

    def name(self, body: Mapping[str, Json]) -> None:
        """Requires that what the body names is in the store when the transaction ends."""
        for field, named in (("trees", self.trees), ("objects", self.objects)):
            for digest in named_in(body, field):
                if not is_digest(digest):
                    raise StoreError(f"an entry names {digest!r} in `{field}`, which is not a digest")
                named.add(Digest(digest))


def drafted(kind: str, body: Mapping[str, Json], *, subject: str = "", key: str = "", run: str = "") -> Draft:
    """The entry as it will be written. Raises `StoreError` where the body cannot be written as JSON."""
    try:
        text = canonical(dict(body))
        f"{text}{subject}{key}{run}".encode()
    except UnicodeEncodeError as error:
        near = str(error.object)[max(error.start - 40, 0) : error.end + 40]
        raise StoreError(
            f"a `{kind}` entry holds a text that is not UTF-8: {near!a}", hint="rename the file or change the value"
        ) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"a `{kind}` entry cannot be written as JSON: {error}") from error
    return Draft(kind, subject, key, run, text)
