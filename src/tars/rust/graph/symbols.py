"""The answers of the project graph: the workspace's own names first, then the standard library's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from tars.rust.graph.items import Declared, Member, base_name
from tars.rust.graph.layout import STD_CRATES
from tars.rust.graph.prelude import PRIMITIVES, prelude
from tars.rust.graph.project import Project
from tars.rust.graph.scope import locals_at, module_at
from tars.rust.graph.shards import Known
from tars.rust.graph.spelling import nearest
from tars.rust.graph.std_index import StdIndex
from tars.rust.graph.traits import Traits
from tars.rust.mending.rule import Local, Method
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place

_IMPORTABLE = frozenset(
    {"struct", "enum", "union", "trait", "fn", "const", "static", "type", "mod", "macro", "constant"}
)


class Graph:
    """`Symbols` of a workspace. Nothing is read before the first question; then each file once for its content."""

    def __init__(
        self, files: Mapping[str, SourceFile], edition: str, project: Callable[[], Project], std: Callable[[], StdIndex]
    ) -> None:
        self.files = files
        self.edition = edition
        self._make_project, self._make_std = project, std

    @cached_property
    def project(self) -> Project:
        """The workspace's own names."""
        return self._make_project()

    @cached_property
    def std(self) -> StdIndex:
        """The standard library's."""
        return self._make_std()

    @cached_property
    def traits(self) -> Traits:
        """Who implements what."""
        return Traits(self.project, self.std)

    def seat(self, near: Place | None) -> tuple[str, str]:
        """The crate root and the module of a place; without one, of the first root."""
        if near is None or near.path not in self.files:
            roots = sorted({seat.root for seat in self.project.seats.values()})
            return (roots[0] if roots else ""), ""
        seat = self.project.seats[near.path]
        inner = module_at(self.files[near.path], near)
        return seat.root, "::".join(part for part in (seat.module, inner) if part)

    def paths_of(self, name: str, near: Place | None = None) -> Sequence[str]:
        root, module = self.seat(near)
        found: list[str] = []
        for known in self.project.by_name[name]:
            if near is not None:
                found += self.project.paths(known, root, module)
            elif not known.item.body and not known.item.owner:
                found += self.project.paths(known, known.root, known.module)
        found += self.project.renamed(name, root, module)
        for known, member in self.project.variants[name]:
            found += [f"{path}::{member.name}" for path in self.project.paths(known, root, module)]
        origin = prelude(self.edition).get(name)
        found += [origin] if origin else []
        found += [item.path for item in self.std.items(name) if item.kind not in ("primitive", "derive", "use")]
        for owner in self.std.variant_owners(name):
            found.append(f"{owner}::{name}")
        own = self.project.files.get(root)
        if own is not None and own.bare and (self.edition != "2015" or self._names_core):
            found = [self._at_home(path) for path in found]
        return list(dict.fromkeys(found))

    @cached_property
    def _names_core(self) -> bool:
        """Whether something is imported from `core`, which code of 2015 has only where it always does without `std`."""
        return any(use.path.startswith("core::") for items in self.project.files.values() for use in items.uses)

    def _at_home(self, path: str) -> str:
        """The path of something of `std` in a crate that does without it."""
        item = self.std.item(path) or self.std.item(path.rpartition("::")[0])
        return f"{item.home}{path.removeprefix('std')}" if path.startswith("std::") and item is not None else path

    def traits_with(self, method: str) -> Sequence[str]:
        found = []
        for known in self.project.by_name[method]:
            if known.item.kind == "fn" and known.item.owner and not known.item.trait:
                traits = [one for one in self.project.by_name[known.item.owner] if one.item.kind == "trait"]
                found += [path for one in traits for path in self.project.paths(one, one.root, one.module)]
        owners = [row.owner for row in self.std.owners_of(method)]
        common = set(prelude(self.edition).values())
        std = [owner for owner in owners if (item := self.std.item(owner)) is not None and item.kind == "trait"]
        found += sorted(std, key=lambda path: (path not in common, path.count("::"), path))
        return list(dict.fromkeys(found))

    def methods_of(self, type_name: str) -> Sequence[Method]:
        return self.traits.methods(type_name)

    def functions_of(self, type_name: str) -> Sequence[Method]:
        return self.traits.functions(type_name)

    def names_like(self, name: str, near: Place | None = None) -> Sequence[str]:
        return nearest(name, dict.fromkeys(self.names_at(near)))

    def names_at(self, near: Place | None) -> Iterator[str]:
        """Every name that may be written at the place: locals, the module's own, imported, the prelude's, macros."""
        if near is not None and near.path in self.files:
            yield from (local.name for local in self.locals_at(near))
            yield from (item.name for item in self._body_items(near))
            yield from ("Self",) if self.files[near.path].node_of(near, "impl_item", "trait_item") else ()
            yield from self.project.names_in(*self.seat(near))
        else:
            yield from self.project.by_name
        yield from (*STD_CRATES, *self.project.crates.values())
        yield from prelude(self.edition)
        yield from sorted(PRIMITIVES)
        yield from (item.name for item in self.std.within("std") if item.kind == "macro")

    def names_in(self, path: str, near: Place | None = None, *, visible: bool = False) -> Sequence[str]:
        root, module = self.seat(near)
        found: list[str] = []
        for target in self.project.resolve(root, module, path):
            found += self.project.names_inside(target, viewer=(root, module) if visible else None)
        return list(dict.fromkeys(found))

    def definition(self, path: str) -> Place | None:
        known = self.find(path)
        return Place(known.file, known.item.start, known.item.end) if known is not None else None

    def find(self, path: str, *kinds: str) -> Known | None:
        """The workspace's item of that path (`crate::…`, `Type::method`) or plain name, of one of the kinds."""
        *owners, name = path.removeprefix("crate::").split("::")
        candidates = [one for one in self.project.by_name[name] if not kinds or one.item.kind in kinds]
        exact = [one for one in candidates if path.startswith("crate::") and f"crate::{one.path}" == path]
        if not owners:
            exact = exact or [one for one in candidates if not one.item.owner] or candidates
        else:
            suffix = "::".join((*owners, name))
            exact = exact or [one for one in candidates if f"::{one.path}".endswith(f"::{suffix}")]
            exact = exact or [one for one in candidates if one.item.owner == owners[-1]]
        return exact[0] if exact else None

    def fields_of(self, type_name: str) -> Sequence[tuple[str, str, bool]]:
        known = self.find(base_name(type_name), "struct", "union")
        if known is None:
            return []
        return [(one.name, one.text, one.visibility.startswith("pub")) for one in known.item.members]

    def variants_of(self, type_name: str) -> Sequence[str]:
        name = base_name(type_name)
        known = self.find(name, "enum")
        if known is not None:
            return [_as_pattern(member.text) for member in known.item.members]
        owner = self.traits.std_path(name)
        return [_as_pattern(text) for text in self.std.variants(owner)] if owner else []

    def implements(self, type_name: str, trait: str) -> bool | None:
        return self.traits.implements(type_name, trait)

    def locals_at(self, near: Place) -> Sequence[Local]:
        """The locals, parameters and generic parameters in scope at the place, the nearest first."""
        file = self.files.get(near.path)
        return locals_at(file, near) if file is not None else []

    def member(self, type_name: str, name: str) -> tuple[Known, Member] | None:
        """The field or variant of one of the workspace's types, and the type."""
        known = self.find(base_name(type_name), "struct", "union", "enum")
        found = [one for one in known.item.members if one.name == name] if known is not None else []
        return (known, found[0]) if known is not None and found else None

    def _body_items(self, near: Place) -> Iterator[Declared]:
        for item in self.project.files[near.path].items:
            if item.body and not item.owner:
                yield item


def _as_pattern(declaration: str) -> str:
    """`Circle(f64)` → `Circle(_)`, `Move { x: i32 }` → `Move { .. }`, `Less = -1` → `Less`."""
    name, _, rest = declaration.partition("(")
    if "{" in name:
        return f"{name.partition('{')[0].strip()} {{ .. }}"
    name = name.partition("=")[0].strip().rpartition(" ")[2]
    if not rest:
        return name
    depth, count = 0, 1 if rest.rstrip(")").strip() else 0
    for at, letter in enumerate(rest):
        depth += (letter in "(<[{") - (letter in ")]}" or (letter == ">" and rest[at - 1] not in "-="))
        if depth < 0:
            break
        count += letter == "," and depth == 0 and rest[at + 1 :].strip() not in (")", "")
    return f"{name}({', '.join('_' * count)})"
