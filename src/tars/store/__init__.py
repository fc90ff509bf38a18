"""Content-addressed objects and one append-only journal, from which everything that TARS remembers is derived."""

from tars.core.values import Json
from tars.store.objects import Objects
from tars.store.store import Store, open_store
from tars.store.transaction import Transaction
from tars.store.values import Entry, Leaf, ModuleState, Tree, Version

__all__ = [
    "Entry",
    "Json",
    "Leaf",
    "ModuleState",
    "Objects",
    "Store",
    "Transaction",
    "Tree",
    "Version",
    "open_store",
]
