"""The names of a workspace, resolved: which item a path means in which module, what may be seen from where."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tars.rust.graph.items import FileItems, Member
from tars.rust.graph.layout import STD_CRATES, crate_names, seats
from tars.rust.graph.shards import Import, Known, Merged, joined, shard_of
from tars.rust.graph.std_index import StdIndex


class Target(NamedTuple):
    """What a path means: a module (`root` and `path`), an item (`known`), one of its variants or fields (`member`
    too), or something of the standard library (`path`, from `std::` on)."""

    kind: str
    root: str = ""
    path: str = ""
    known: Known | None = None
    member: Member | None = None


Found: TypeAlias = tuple[Target, str]
"""What a name means, and the visibility that it has there."""


class Project:
    """A workspace given by what each of its files declares. `crates` names the library roots whose crate is known;
    `std` is asked for what imports of all bring in from the standard library, which else bring nothing."""

    def __init__(
        self, files: Mapping[str, FileItems], crates: Mapping[str, str], std: Callable[[], StdIndex] | None = None
    ) -> None:
        self.files = files
        self.std = std
        self.seats = seats({path: items.modules for path, items in files.items()}, crates)
        self.crates = crate_names(files, crates)
        shards = [shard_of(path, files[path], self.seats[path]) for path in sorted(files)]
        self.by_name = Merged(shards, lambda one: one.by_name)
        self.children = Merged(shards, lambda one: one.children)
        self.imports = Merged(shards, lambda one: one.imports)
        self.owned = Merged(shards, lambda one: one.owned)
        self.impls = Merged(shards, lambda one: one.impls)
        self.variants = Merged(shards, lambda one: one.variants)
        self.reexports = [one for shard in shards for one in shard.reexports]
        self._looked_up: dict[tuple[str, str, str], list[Found]] = {}
        self._looking: dict[tuple[str, str, str], list[Found]] = {}

    def resolve(self, root: str, module: str, path: str) -> list[Target]:
        """What the path means where it is written in that module: several where namespaces differ, none if unknown."""
        first, *rest = path.removeprefix("::").split("::")
        if first == "crate":
            found = [Target("module", root, "")]
        elif first in ("self", "super"):
            while first == "super" or (first == "self" and rest[:1] == ["super"]):
                module = module.rpartition("::")[0] if first == "super" else module
                if rest[:1] == ["super"]:
                    first, *rest = rest
                else:
                    break
            found = [Target("module", root, module)]
        else:
            found = [target for target, _ in self.lookup(root, module, first)]
            found = found or self._crate(first)
        for name in rest:
            found = [inner for one in found for inner in self._inside(one, name)]
        return found

    def lookup(self, root: str, module: str, name: str) -> list[Found]:
        """What a module calls by that name, with the visibility it has there: own items, imports, globs.

        Modules may bring in all of each other: where one is come back to it adds nothing, and each is looked into once.
        """
        key = (root, module, name)
        for table in (self._looked_up, self._looking):
            if key in table:
                return table[key]
        outermost = not self._looking
        found: list[Found] = []
        self._looking[key] = found
        found += dict.fromkeys(self._named(root, module, name))
        if outermost:
            self._looked_up[key] = found
            self._looking.clear()
        return found

    def _named(self, root: str, module: str, name: str) -> Iterator[Found]:
        for known in self.children[(root, module)]:
            if known.item.name == name:
                yield self._target(known), known.item.visibility
        for one in self.imports[(root, module)]:
            if one.use.name == name and (one.use.path != name or one.use.path in STD_CRATES):
                yield from ((target, one.use.visibility) for target in self.resolve(root, module, one.use.path))
        for one in self.imports[(root, module)]:
            if one.use.name == "*":
                for target in self.resolve(root, module, one.use.path):
                    yield from ((inner, one.use.visibility) for inner in self._inside(target, name))

    def names_in(
        self, root: str, module: str, seen: set[tuple[str, str]] | None = None, viewer: tuple[str, str] | None = None
    ) -> dict[str, str]:
        """The names that a module has of its own and by imports, with the kind of what they mean (`use` where that
        is not known). What was `seen` already adds nothing; with a `viewer`, a crate's root and a module, only what may
        be named from there counts."""
        seen = set() if seen is None else seen
        if (root, module) in seen:
            return {}
        seen.add((root, module))

        def shown(visibility: str, at: Known | Import) -> bool:
            return viewer is None or self._opens(visibility, at, *viewer)

        own = [known for known in self.children[(root, module)] if shown(known.item.visibility, known)]
        found = {known.item.name: known.item.kind for known in reversed(own)}
        for one in self.imports[(root, module)]:
            if one.use.name == "_" or not shown(one.use.visibility, one):
                continue
            if one.use.name != "*":
                found.setdefault(one.use.name, "use")
                continue
            for target in self.resolve(root, module, one.use.path):
                for name, kind in self.names_inside(target, seen, (root, module) if viewer else None).items():
                    found.setdefault(name, kind)
        return found

    def names_inside(
        self, target: Target, seen: set[tuple[str, str]] | None = None, viewer: tuple[str, str] | None = None
    ) -> dict[str, str]:
        """The names directly inside a module or an enum, with the kind of what they mean; `viewer` as in `names_in`."""
        if target.kind == "module":
            return self.names_in(target.root, target.path, seen, viewer)
        if target.kind == "std" and self.std is not None:
            found = {item.name: item.kind for item in self.std().within(target.path) if item.kind != "primitive"}
            variants = (re.split(r"\W", one, maxsplit=1)[0] for one in self.std().variants(target.path))
            return found | dict.fromkeys(variants, "variant")
        if target.kind == "item" and target.known is not None and target.known.item.kind == "enum":
            return {member.name: "variant" for member in target.known.item.members}
        return {}

    def paths(self, known: Known, root: str, module: str) -> list[str]:
        """How the item may be written in a module of the crate at `root`: where it is defined, then by re-exports."""
        if known.item.body or known.item.owner:
            return []
        found = []
        if self.reachable(known, root, module):
            found.append(self._written(known.root, known.path, root))
        for one in self._reexports(known):
            if self._opens(one.use.visibility, one, root, module) and self._module_reachable(
                one.root, one.module, root, module
            ):
                name = known.item.name if one.use.name == "*" else one.use.name
                found.append(self._written(one.root, joined(one.module, name), root))
        return sorted(dict.fromkeys(found), key=lambda path: path.count("::")) if len(found) > 1 else found

    def renamed(self, name: str, root: str, module: str) -> list[str]:
        """The paths of re-exports under another name than the item's own: `pub use shapes::Round as Circle`."""
        return [
            self._written(one.root, joined(one.module, name), root)
            for one in self.reexports
            if one.use.name == name and one.use.path.rpartition("::")[2] != name
            if self._opens(one.use.visibility, one, root, module)
            and self._module_reachable(one.root, one.module, root, module)
        ]

    def reachable(self, known: Known, root: str, module: str) -> bool:
        """Whether code in that module may name the item by where it is defined."""
        return self._module_reachable(known.root, known.module, root, module) and self._opens(
            known.item.visibility, known, root, module
        )

    def _module_reachable(self, root: str, wanted: str, from_root: str, module: str) -> bool:
        parts = wanted.split("::") if wanted else []
        for depth, name in enumerate(parts):
            holder = "::".join(parts[:depth])
            declared = [
                one for one in self.children[(root, holder)] if one.item.name == name and one.item.kind == "mod"
            ]
            if declared and not self._opens(declared[0].item.visibility, declared[0], from_root, module):
                return False
        return True

    def _opens(self, visibility: str, at: Known | Import, root: str, module: str) -> bool:
        """Whether something of this visibility, declared in `at`, may be seen from the module."""
        said = visibility.replace(" ", "")
        if said == "pub":
            return True
        if at.root != root:
            return False
        limit = at.module
        if said.startswith("pub(in"):
            limit = said[len("pub(in") : -1].removeprefix("crate").strip(":")
        elif said in ("pub(crate)", "crate"):
            limit = ""
        elif said == "pub(super)":
            limit = at.module.rpartition("::")[0]
        return not limit or module == limit or module.startswith(f"{limit}::")

    def _reexports(self, known: Known) -> Iterator[Import]:
        for one in self.reexports:
            if one.use.name != "*" and one.use.path.rpartition("::")[2] != known.item.name:
                continue
            targets = self.resolve(one.root, one.module, one.use.path)
            if any(target.known == known for target in targets) or (
                one.use.name == "*" and Target("module", known.root, known.module) in targets
            ):
                yield one

    def _written(self, root: str, path: str, from_root: str) -> str:
        crate = "crate" if root == from_root else self.crates.get(root, "crate")
        return f"{crate}::{path}" if path else crate

    def _crate(self, name: str) -> list[Target]:
        if name in STD_CRATES:
            return [Target("std", path="std")]
        return [Target("module", root, "") for root, crate in self.crates.items() if crate == name]

    def _inside(self, target: Target, name: str) -> list[Target]:
        if target.kind == "module":
            return [inner for inner, _ in self.lookup(target.root, target.path, name)]
        if target.kind == "std":
            known = self.std is None or name in self.names_inside(target)
            return [Target("std", path=f"{target.path}::{name}")] if known else []
        if target.kind == "item" and target.known is not None:
            if target.known.item.kind == "enum":
                found = [one for one in target.known.item.members if one.name == name]
                if found:
                    return [Target("variant", known=target.known, member=found[0])]
            owned = self.owned[target.known.item.name]
            return [Target("item", known=one) for one in owned if one.item.name == name]
        return []

    def _target(self, known: Known) -> Target:
        if known.item.kind == "mod":
            return Target("module", known.root, joined(known.module, known.item.name), known)
        return Target("item", known=known)
