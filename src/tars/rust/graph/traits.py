"""Which methods a type has and which traits it implements, here and in the standard library."""

import re
from collections.abc import Iterator, Sequence

from tars.rust.graph.items import base_name
from tars.rust.graph.prelude import DERIVABLE, PRIMITIVES
from tars.rust.graph.project import Project
from tars.rust.graph.shards import Known
from tars.rust.graph.std_index import StdIndex
from tars.rust.graph.std_pages import ImplRow, MethodRow, returned
from tars.rust.graph.types import UNKNOWN, Type, match, read_type, substitute, without_references
from tars.rust.mending.rule import Method

_POINTERS = frozenset({"Box", "Rc", "Arc", "Ref", "RefMut", "MutexGuard", "RwLockReadGuard", "RwLockWriteGuard"})
_STRUCTURAL = frozenset({"Clone", "Copy", "Debug", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default"})
_AUTO = frozenset({"Send", "Sync", "Sized", "Unpin", "UnwindSafe", "RefUnwindSafe"})
_NOISE = frozenset(
    {"std::borrow::Borrow", "std::borrow::BorrowMut", "std::any::Any", "std::convert::TryFrom", "std::convert::From"}
)
_DEPTH_MAX = 6


class Traits:
    """Questions about methods and implementations of a workspace and the standard library."""

    def __init__(self, project: Project, std: StdIndex) -> None:
        self.project = project
        self.std = std

    def std_path(self, name: str, written: str = "") -> str:
        """The path of the standard library's type or trait of that name: the one that ends as it is written (`slice::
        Iter`), else the one most likely meant; empty if there is none."""
        if name in PRIMITIVES or name in ("slice", "array", "tuple", "unit"):
            return name
        kinds = ("struct", "enum", "union", "trait", "primitive")
        found = [item.path for item in self.std.items(name) if item.kind in kinds]
        end = _within_crate(written)
        return next((path for path in found if f"::{path}".endswith(f"::{end}")), found[0] if found else "")

    def _declared(self, one: Type) -> list[Known]:
        """The workspace's types and traits that a type's text means: by its path, where the compiler prints one, for
        it does so where the name alone does not tell."""
        found = [known for known in self.project.by_name[one.head] if known.item.kind in _HERE]
        if not one.path:
            return found
        end = _within_crate(one.path)
        exact = [known for known in found if f"::{known.path}".endswith(f"::{end}")]
        foreign = one.path.startswith(_STD) or f"::{self.std_path(one.head, one.path)}".endswith(f"::{end}")
        return exact if exact or foreign else found

    def _functions_of(self, one: Type) -> Iterator[Known]:
        """The functions that the workspace declares for a type or trait, those for namesakes left out."""
        for known in self.project.owned[one.head]:
            if known.item.kind == "fn" and self._is_meant(one, known.root, known.module):
                yield known

    def _is_meant(self, one: Type, root: str, module: str) -> bool:
        """Whether the type's name, written in that module, means it; where that is not known it does."""
        declared = self._declared(one)
        meant: set[tuple[str, str] | None] = {(known.root, known.path) for known in declared} if declared else {None}
        found = self.project.resolve(root, module, one.head)
        return not found or any(
            ((target.known.root, target.known.path) if target.known else None) in meant for target in found
        )

    def methods(self, type_name: str) -> Sequence[Method]:
        """The methods of a type as the compiler prints it, of what it points at too: inherent ones first."""
        found: dict[tuple[str, str], Method] = {}
        for one in self._steps(read_type(type_name)):
            for method in (*self._own(one), *self._std(one)):
                found.setdefault((method.name, method.trait), method)
        return sorted(found.values(), key=lambda method: bool(method.trait))

    def functions(self, type_name: str) -> Sequence[Method]:
        """The functions without `self` of a type, or of a trait."""
        one = without_references(read_type(type_name))
        found = [
            Method(known.item.name, known.item.text, returned(known.item.text), self._trait_path(known))
            for known in self._functions_of(one)
            if not known.item.takes_self
        ]
        if self._declared(one):
            for name in self._traits_here(one):
                path = DERIVABLE.get(name, "")
                found += [Method(row.name, row.signature, returned(row.signature), path) for row in self._static(path)]
            return found
        path = self.std_path(one.head, one.path)
        rows = [row for row in self._static(path) if self._fits(row.of, one)]
        return [*found, *(Method(row.name, row.signature, returned(row.signature)) for row in rows)]

    def _static(self, path: str) -> list[MethodRow]:
        return [row for row in self.std.methods(path) if not _takes_self(row)] if path else []

    def implements(self, type_name: str, trait: str) -> bool | None:
        """Whether the type implements the trait; None where that is not known."""
        return self._implements(read_type(type_name), base_name(trait), 0)

    def _steps(self, one: Type) -> Iterator[Type]:
        """The type and what method calls look through: references and pointers."""
        for _ in range(_DEPTH_MAX):
            one = without_references(one)
            yield {"{integer}": Type("i32"), "{float}": Type("f64")}.get(one.head, one)
            if one.head == "array":
                yield Type("slice", one.args)
            if one.head not in _POINTERS or not one.args:
                return
            one = one.args[0]

    def _own(self, one: Type) -> Iterator[Method]:
        for named in one.args if one.head in ("dyn", "impl") else (one,):
            for known in self._functions_of(named):
                if known.item.takes_self:
                    trait = self._trait_path(known)
                    yield Method(known.item.name, known.item.text, returned(known.item.text), trait)
        for trait in self._traits_here(one):
            yield from self._of_trait(trait)

    def _traits_here(self, one: Type) -> Iterator[str]:
        """The traits that this workspace implements or derives for a type."""
        for impl in self.project.impls[one.head]:
            if impl.item.trait and not impl.item.negative and self._is_meant(one, impl.root, impl.module):
                yield base_name(impl.item.trait)
        for known in self._declared(one):
            yield from known.item.derives

    def _of_trait(self, name: str) -> Iterator[Method]:
        """The methods of a trait: of this workspace's, else of the standard library's."""
        own = [one for one in self.project.by_name[name] if one.item.kind == "trait"]
        if own:
            for known in self.project.owned[name]:
                if known.item.takes_self:
                    yield Method(known.item.name, known.item.text, returned(known.item.text), f"crate::{own[0].path}")
            return
        path = DERIVABLE.get(name) or self.std_path(name)
        for row in self.std.methods(path) if path else ():
            if _takes_self(row):
                yield Method(row.name, row.signature, returned(row.signature), path)

    def _trait_path(self, known: Known) -> str:
        if known.item.trait:
            name = base_name(known.item.trait)
            own = [one for one in self.project.by_name[name] if one.item.kind == "trait"]
            return f"crate::{own[0].path}" if own else self.std_path(name) or name
        holders = [one for one in self.project.by_name[known.item.owner] if one.item.kind == "trait"]
        return f"crate::{holders[0].path}" if holders else ""

    def _std(self, one: Type) -> Iterator[Method]:
        for named in one.args if one.head in ("dyn", "impl") else (one,):
            if self._declared(named):
                continue
            path = self.std_path(named.head, named.path)
            if not path:
                continue
            trait = path if (item := self.std.item(path)) is not None and item.kind == "trait" else ""
            for row in self.std.methods(path):
                if _takes_self(row) and (row.of.startswith("*") or self._fits(row.of, one)):
                    yield Method(row.name, row.signature, returned(row.signature), trait)
            seen = set(_NOISE)
            for impl in self.std.impls(path):
                if impl.trait not in seen and not impl.negative and self._holds(impl, one, 0) is not False:
                    seen.add(impl.trait)
                    for row in self.std.methods(impl.trait):
                        if _takes_self(row):
                            yield Method(row.name, row.signature, returned(row.signature), impl.trait)

    def _fits(self, pattern: str, one: Type) -> bool:
        return not pattern or match(read_type(pattern), one, {})

    def _implements(self, one: Type, trait: str, depth: int) -> bool | None:
        if depth > _DEPTH_MAX or one == UNKNOWN:
            return None
        if one.head == "&":
            inner = self._implements(one.args[0], trait, depth + 1)
            return True if trait in ("Clone", "Copy") else None if trait in _AUTO else inner
        if one.head == "&mut":
            return False if trait in ("Clone", "Copy") else self._implements(one.args[0], trait, depth + 1)
        if one.head in ("tuple", "array") and trait in _STRUCTURAL:
            answers = [self._implements(arg, trait, depth + 1) for arg in one.args]
            return False if False in answers else None if None in answers else True
        if one.head in ("dyn", "impl"):
            return True if trait in [arg.head for arg in one.args] else None
        here = [known for known in self.project.by_name[one.head] if known.item.kind in _TYPES]
        if here:
            return True if trait in self._traits_here(one) else None if trait in _AUTO else False
        return self._std_implements(one, trait, depth)

    def _std_implements(self, one: Type, trait: str, depth: int) -> bool | None:
        if any(base_name(other.item.trait) == trait for other in self.project.impls[one.head]):
            return True
        if one.head in ("{integer}", "{float}"):
            one = Type("i32" if one.head == "{integer}" else "f64")
        path = self.std_path(one.head, one.path)
        if not path or not self.std.impls(path):
            return None
        answers = [
            False if impl.negative else self._holds(impl, one, depth)
            for impl in self.std.impls(path)
            if impl.trait.rpartition("::")[2] == trait
        ]
        if True in answers:
            return True
        return None if None in answers or trait in _AUTO or not self.std.complete else False

    def _holds(self, impl: ImplRow, one: Type, depth: int) -> bool | None:
        """Whether an implementation of the standard library is one for this type, its bounds held."""
        bound: dict[str, Type] = {}
        if not match(read_type(impl.of), one, bound):
            return False
        answer: bool | None = True
        for name, wanted in _bounds(impl.header):
            subject = substitute(read_type(name), bound)
            if wanted in ("Allocator", "?Sized", "Sized", "BuildHasher", "FnPtr") or subject == Type(name):
                continue
            held = self._implements(subject, wanted, depth + 1)
            if held is False:
                return False
            answer = answer if held else None
        return answer


_HERE = ("struct", "enum", "union", "trait")
_STD = ("std::", "core::", "alloc::")
_TYPES = ("struct", "enum", "union", "type")
_BOUND = re.compile(r"(?:[<,]|\bwhere)\s*(\w+)\s*:\s*([^,<>=]+(?:<[^<>]*>)?[^,<>=]*)")


def _bounds(header: str) -> Iterator[tuple[str, str]]:
    """`impl<T: Debug, A> Clone for Vec<T, A> where T: Clone` → (T, Debug), (T, Clone)."""
    for name, bounds in _BOUND.findall(header):
        for one in bounds.split("+"):
            if one.strip() and not one.strip().startswith("'"):
                yield name, base_name(one.strip())


def _within_crate(path: str) -> str:
    """A path without the crate that it begins with: `slice::Iter`."""
    return re.sub(r"^(std|core|alloc|crate)::", "", path)


def _takes_self(row: MethodRow) -> bool:
    return re.search(r"\(\s*(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\b", row.signature) is not None
