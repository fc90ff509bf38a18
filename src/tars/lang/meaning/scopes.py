"""Builds the names of a metascript and of all that it includes, each file read and parsed once."""

from collections.abc import Mapping
from typing import Any, Final

from tars.core.values import Diagnostic, Related, Severity, Span
from tars.lang import schema
from tars.lang.meaning.collect import Collector, Part
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import BAD, Value, Wrong
from tars.lang.meaning.read import Names, Reading, read_language, read_part
from tars.lang.meaning.resolve import REFERABLE, ModulePart, Scope, Shared
from tars.lang.schema import attributes_of
from tars.lang.syntax import tree
from tars.lang.syntax.parse import parse

INCLUDES_MAX: Final = 1_000
"""The most files that one metascript may include, each counted as often as it is included."""
INCLUDES_DEEP_MAX: Final = 100
"""The longest chain of files of which each includes the next."""


class Builder:
    """Builds scopes. `scopes` are all of them, each before those that it includes; `texts` are the files' texts."""

    def __init__(self, shared: Shared, names: Names) -> None:
        self.shared = shared
        self.names = names
        self.scopes: list[Scope] = []
        self.texts: dict[str, str] = {}
        self._files: dict[str, tree.File] = {}

    def build(self, path: str, prefix: str, given: Mapping[str, Value], including: tuple[str, ...]) -> Scope:
        """The scope of the file at a path. Raises `Wrong` where it cannot be read."""
        file = self._files.get(path)
        if file is None:
            self.shared.world.reads[path] = None
            text = self.shared.world.places.read(path)
            file = self._files[path] = parse(text, path)
            self.texts[path] = text
            self.shared.diagnostics += file.diagnostics
        scope = Scope(file, path.rpartition("/")[0], prefix, self.shared)
        scope.given = given
        self.scopes.append(scope)
        collector = Collector(file, self.names.languages)
        scope.contents = collector.collect(file.body)
        scope.lost = collector.lost
        self.shared.diagnostics += collector.diagnostics
        self._fill(scope)
        for part in scope.contents.parts:
            if part.type.name == "include":
                self._include(scope, part, (*including, path))
        return scope

    def _fill(self, scope: Scope) -> None:
        agents = []
        for part in scope.contents.parts:
            kind = part.type.name
            if kind == "module":
                self._add_module(scope, part, schema.language_of(part.block.type))
            elif kind == "agent_module":
                agents.append(part)
            elif kind == "variable":
                self._add(scope, scope.variables, part.label, part, "variable")
            elif kind == "locals":
                for name, attribute in part.attributes.items():
                    self._add(scope, scope.locals, name, attribute, "local value")
            elif kind == "belief_graph":
                self._add(scope, scope.others.setdefault(kind, {}), part.label, part, "belief graph")
                beliefs: dict[str, Part] = {}
                for belief in part.blocks:
                    self._add(scope, beliefs, belief.label, belief, "belief")
            elif kind in REFERABLE and part.labels:
                self._add(scope, scope.others.setdefault(kind, {}), part.label, part, kind.replace("_", " "))
        for part in agents:
            self._add_agent(scope, part)

    def _add(self, scope: Scope, table: dict[str, Any], name: str, found: Any, what: str) -> None:
        first = table.setdefault(name, found)
        if first is not found:
            self._report_twice(scope, name, what, _place(found), _place(first))

    def _add_module(self, scope: Scope, part: Part, language: str) -> None:
        module = ModulePart(part, scope, part.label, language)
        first = scope.modules.setdefault(part.label, module)
        if first is not module:
            self._report_twice(scope, part.label, "module", module.place(), first.place())

    def _add_agent(self, scope: Scope, part: Part) -> None:
        attribute = part.attributes.get("language")
        language: Value = BAD
        if attribute is not None:
            context = scope.context()
            value = evaluate(attribute.value, context)
            reading = Reading(attributes_of("agent_module")["language"], attribute.value, context, self.names, "")
            try:
                language = BAD if value is BAD else read_language(value, reading)
            except Wrong as wrong:
                context.report_wrong(wrong, attribute.value)
        if language is BAD:
            scope.lost.add(part.label)
        else:
            self._add_module(scope, part, language)

    def _include(self, scope: Scope, part: Part, including: tuple[str, ...]) -> None:
        context = scope.context()
        found = read_part(part, context, self.names)
        node = part.attributes.get("path")
        if node is None or found is None:
            scope.misses_include = True
            return
        path: str = found["path"]
        name: str = found.get("as") or path.rpartition("/")[2].removesuffix(".tars")
        variables = found.get("variables", {})
        wrong = self._refusal(scope, name, path, variables, including)
        if wrong is None:
            try:
                inner = scope.includes[name] = self.build(path, f"{scope.prefix}{name}.", variables, including)
                inner.given_at = _given_places(scope, part.attributes.get("variables", node).value, variables)
                return
            except Wrong as unreadable:
                hint = unreadable.hint or f"paths are relative to the folder of `{scope.path}`"
                code = "T0062" if unreadable.code == "T0050" else unreadable.code
                wrong = Wrong(unreadable.message, hint, code=code)
        scope.lost.add(name)
        scope.misses_include = True
        at = part.attributes["as"].value if found.get("as") and wrong.code in ("T0036", "T0039") else node.value
        context.report(wrong.code, at.start, at.end, wrong.message, wrong.hint)

    def _refusal(
        self, scope: Scope, name: str, path: str, variables: Value, including: tuple[str, ...]
    ) -> Wrong | None:
        if path in including:
            chain = " → ".join([*including[including.index(path) :], path])
            return Wrong(f"this file includes itself: {chain}", "take one of the includes out", code="T0063")
        if not name.replace("-", "_").isidentifier() or schema.is_module(name) or name in ("var", "local", *REFERABLE):
            return Wrong(f"`{name}` cannot be a namespace", 'give another: `as = "…"`', code="T0039")
        if name in scope.includes:
            return Wrong(f"there are two includes called `{name}`", 'give one another name: `as = "…"`', code="T0036")
        if not isinstance(variables, dict):
            return Wrong("`variables` is an object", "write `variables = { name = value }`", code="T0034")
        if len(including) > INCLUDES_DEEP_MAX:
            message = f"more than {INCLUDES_DEEP_MAX} files include each other in a row"
            return Wrong(message, "include some of them further up", code="T0049")
        if len(self.scopes) > INCLUDES_MAX:
            return Wrong(f"more than {INCLUDES_MAX:,} files are included", "join some of them", code="T0049")
        return None

    def _report_twice(self, scope: Scope, name: str, what: str, place: tuple[int, int], first: tuple[int, int]) -> None:
        related = (Related(Span(scope.path, *first), "the first one"),)
        message = f"there are two {what}s called `{name}`"
        more = "; a name is used once, whatever the language" if what == "module" else ""
        hint = f"give one of them another name{more}"
        span = Span(scope.path, *place)
        self.shared.diagnostics.append(Diagnostic("T0036", Severity.ERROR, message, span, hint, related))


def _given_places(scope: Scope, node: tree.Expression, variables: Mapping[str, Value]) -> dict[str, Span]:
    """Where an `include` gives each variable: at the item that is named so, else anywhere in the whole object."""
    places = dict.fromkeys(variables, scope.span(node.start, node.end))
    for item in node.items if isinstance(node, tree.Object) else ():
        if isinstance(item.key, tree.Literal) and item.key.value in places:
            places[str(item.key.value)] = scope.span(item.key.start, item.value.end)
    return places


def _place(found: Part | tree.Attribute) -> tuple[int, int]:
    if isinstance(found, Part):
        return found.block.start, found.block.header_end
    return found.start, found.start + len(found.name)
