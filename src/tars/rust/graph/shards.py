"""One file's share of a workspace's names, kept as long as its content and its seat stay: what makes an edit cheap."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from tars.rust.graph.items import Declared, FileItems, Implementation, Member, base_name
from tars.rust.graph.layout import Seat
from tars.rust.graph.uses import Use

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Known(NamedTuple):
    """An item and where it is: its file, and the crate root and full module that hold it."""

    item: Declared
    file: str
    root: str
    module: str

    @property
    def path(self) -> str:
        """The path within its crate, as `a::Shape` or, for what a type or trait owns, `a::Shape::area`."""
        return "::".join(part for part in (self.module, self.item.owner, self.item.name) if part)


class Import(NamedTuple):
    """A `use` and the module that it stands in."""

    use: Use
    file: str
    root: str
    module: str


class Implemented(NamedTuple):
    """An `impl` and where it is."""

    item: Implementation
    root: str
    module: str


class Shard:
    """The tables of one file: what it adds to each of the tables of the workspace."""

    def __init__(self, path: str, items: FileItems, seat: Seat) -> None:
        self.by_name: dict[str, list[Known]] = defaultdict(list)
        self.children: dict[tuple[str, str], list[Known]] = defaultdict(list)
        self.imports: dict[tuple[str, str], list[Import]] = defaultdict(list)
        self.owned: dict[str, list[Known]] = defaultdict(list)
        self.impls: dict[str, list[Implemented]] = defaultdict(list)
        self.variants: dict[str, list[tuple[Known, Member]]] = defaultdict(list)
        for item in items.items:
            known = Known(item, path, seat.root, joined(seat.module, item.module))
            self.by_name[item.name].append(known)
            if item.owner:
                self.owned[item.owner].append(known)
            elif not item.body:
                self.children[(seat.root, known.module)].append(known)
            for member in item.members if item.kind == "enum" else ():
                self.variants[member.name].append((known, member))
        for use in items.uses:
            if not use.body:
                module = joined(seat.module, use.module)
                self.imports[(seat.root, module)].append(Import(use, path, seat.root, module))
        for one in items.impls:
            found = Implemented(one, seat.root, joined(seat.module, one.module))
            self.impls[base_name(one.subject)].append(found)
        self.reexports = [one for group in self.imports.values() for one in group if one.use.visibility]


def shard_of(path: str, items: FileItems, seat: Seat) -> Shard:
    """The shard of a file; made once for the same content at the same place."""
    found = items.shards.get((path, seat))
    if found is None:
        found = items.shards[(path, seat)] = Shard(path, items, seat)
    assert isinstance(found, Shard)
    return found


class Merged(Generic[K, V]):
    """A table over many shards; each answer is put together when it is first asked for."""

    def __init__(self, shards: Sequence[Shard], table: Callable[[Shard], Mapping[K, list[V]]]) -> None:
        self._tables = [one for shard in shards if (one := table(shard))]
        self._answers: dict[K, list[V]] = {}

    def __getitem__(self, key: K) -> list[V]:
        found = self._answers.get(key)
        if found is None:
            found = [value for table in self._tables for value in table.get(key, ())]
            self._answers[key] = found
        return found

    def __iter__(self) -> Iterator[K]:
        """Every key, as often as files have it."""
        for table in self._tables:
            yield from table

    def values(self) -> Iterator[list[V]]:
        """The values file by file."""
        for table in self._tables:
            yield from table.values()


def joined(module: str, name: str) -> str:
    """`a` and `b` as `a::b`; either may be empty."""
    return f"{module}::{name}" if module and name else module or name
