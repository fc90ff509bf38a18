"""The names of one metascript and what they refer to, found when asked for, in any order, with cycles told by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tars.core.near import close_matches
from tars.core.values import Diagnostic, Related, Span
from tars.lang import schema
from tars.lang.meaning.collect import Contents, Part
from tars.lang.meaning.context import Context, Step, World
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import BAD, ModuleValue, Value, Wrong
from tars.lang.syntax import tree

REFERABLE: Final = ("belief_graph", "closure", "output", "reflection")

MODULE_ATTRIBUTES: Final = ("output", "outputs", "artifact", "source", "name")
"""What can be asked of a module."""


class ModulePart:
    """A module as it is declared: by a block, or only by a pin."""

    __slots__ = ("address", "language", "name", "part", "pin", "scope")

    def __init__(self, part: Part | None, scope: "Scope", name: str, language: str) -> None:
        self.part = part
        self.scope = scope
        self.language = language
        self.name = f"{scope.prefix}{name}"
        self.address = f"{scope.prefix}{schema.module_type(language)}.{name}"
        self.pin: tuple[str, tree.Expression] | None = None

    @property
    def attributes(self) -> Mapping[str, tree.Attribute]:
        return self.part.attributes if self.part else {}

    def place(self, attribute: str = "") -> tuple[int, int]:
        """Where to point: at an attribute's value, else at the block's header, else at the pin."""
        found = self.attributes.get(attribute)
        if found is not None:
            return found.value.start, found.value.end
        if self.part is not None:
            return self.part.block.start, self.part.block.header_end
        assert self.pin is not None
        return self.pin[1].start, self.pin[1].end


class Shared:
    """What the scopes of one load share. `active` are the values being computed, in order: a cycle is a piece of it."""

    __slots__ = ("active", "ask_module", "ask_part", "ask_variable", "diagnostics", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.diagnostics: list[Diagnostic] = []
        self.active: dict[str, None] = {}
        self.ask_module: Callable[[ModulePart, str, Context], Value] = lambda module, name, context: BAD
        self.ask_part: Callable[[Scope, Part, Context], Value] = lambda scope, part, context: BAD
        self.ask_variable: Callable[[Scope, Part, Context], Value] = lambda scope, part, context: BAD


class Scope:
    """The names of one file. `prefix` is its namespace with a dot at the end, empty for the file that is loaded."""

    def __init__(self, file: tree.File, folder: str, prefix: str, shared: Shared) -> None:
        self.file = file
        self.path = file.path
        self.folder = folder
        self.prefix = prefix
        self.shared = shared
        self.modules: dict[str, ModulePart] = {}
        self.variables: dict[str, Part] = {}
        self.locals: dict[str, tree.Attribute] = {}
        self.others: dict[str, dict[str, Part]] = {}
        self.includes: dict[str, Scope] = {}
        self.contents = Contents((), ())
        self.given: Mapping[str, Value] = {}
        self.given_at: Mapping[str, Span] = {}  # where an `include` gives them
        self.is_broken = bool(file.diagnostics)
        self.misses_include = False  # a namespace may be missing whose `include` has a finding
        self.lost: set[str] = set()
        self._values: dict[str, tuple[Value, frozenset[str]]] = {}

    def context(self) -> Context:
        return Context(self.path, self.folder, self.shared.world, self.resolve, self.shared.diagnostics)

    def span(self, start: int, end: int) -> Span:
        return Span(self.path, start, end)

    def once(self, key: str, compute: Callable[[Context], Value], context: Context, start: int, end: int) -> Value:
        """A value of this scope, computed at the first asking. One that needs itself is a finding where it is asked."""
        known = self._values.get(key)
        if known is None:
            name, active = f"{self.prefix}{key}", self.shared.active
            if name in active:
                names = [*list(active)[list(active).index(name) :], name]
                hint = "take one of these references out"
                context.report("T0045", start, end, f"this needs itself: {' → '.join(names)}", hint)
                return BAD
            active[name] = None
            inner = self.context()
            inner.depth = context.depth + 2
            try:
                value = compute(inner)
            except Wrong as wrong:
                inner.report(wrong.code, start, end, wrong.message, wrong.hint)
                value = BAD
            finally:
                del active[name]
            known = self._values[key] = (value, frozenset(inner.needs))
        if known[1]:
            context.needs |= known[1]
        return known[0]

    def resolve(self, root: tree.Name, steps: Sequence[Step], context: Context) -> tuple[Value, int]:
        """The value that a reference's first steps lead to, and how many of them were used up."""
        name = root.name
        if schema.is_module(name):
            return self._module(root, steps, context)
        if name in ("var", "local") or name in REFERABLE:
            return self._named(name, root, steps, context)
        inner = self.includes.get(name)
        if inner is None:
            return self._unknown_root(root, steps, context)
        if not steps or not isinstance(steps[0], tree.GetAttribute):
            hint = f"say what of it: `{name}.output.…`, `{name}.python_module.…`"
            context.report("T0044", root.start, root.end, f"`{name}` is a whole metascript, not a value", hint)
            return BAD, len(steps)
        first = steps[0]
        value, used = inner.resolve(tree.Name(root.start, first.end, first.name), steps[1:], context)
        return value, used + 1

    def _named(self, kind: str, root: tree.Name, steps: Sequence[Step], context: Context) -> tuple[Value, int]:
        table: Mapping[str, Any] = (
            self.variables if kind == "var" else self.locals if kind == "local" else self.others.get(kind, {})
        )
        name = key_of(steps[0]) if steps else None
        if name is None:
            context.report("T0044", root.start, root.end, f"`{kind}` needs a name", f"write `{kind}.<name>`")
            return BAD, len(steps)
        start, end = root.start, steps[0].end
        if name not in table:
            return self._unknown(f"{kind}.{name}", name, table, kind, (start, end), context), len(steps)
        return self.value_of(kind, name, table[name], context, start, end), 1

    def value_of(self, kind: str, name: str, found: Any, context: Context, start: int, end: int) -> Value:
        """The value of a variable, a local value or another block that can be referred to."""
        if kind == "local":
            return self.once(f"local.{name}", lambda inner: evaluate(found.value, inner), context, start, end)
        ask = self.shared.ask_variable if kind == "var" else self.shared.ask_part
        return self.once(f"{kind}.{name}", lambda inner: ask(self, found, inner), context, start, end)

    def _module(self, root: tree.Name, steps: Sequence[Step], context: Context) -> tuple[Value, int]:
        name = key_of(steps[0]) if steps else None
        if name is None:
            hint = f"write `{root.name}.<name>.output`"
            context.report("T0044", root.start, root.end, f"`{root.name}` needs the name of a module", hint)
            return BAD, len(steps)
        end = steps[0].end
        module = self.modules.get(name)
        language = schema.language_of(root.name)
        if module is None or (language and module.language != language):
            other = f"{schema.module_type(module.language)}.{name}" if module else ""
            full = {f"{schema.module_type(known.language)}.{key}": known for key, known in self.modules.items()}
            asked = f"{root.name}.{name}"
            return self._unknown(asked, other or asked, full, "", (root.start, end), context), len(steps)
        context.needs.add(module.address)
        asked_for = key_of(steps[1]) if len(steps) > 1 else None
        if asked_for is None:
            return ModuleValue(module.address), 1
        if asked_for not in MODULE_ATTRIBUTES:
            near = close_matches(asked_for, MODULE_ATTRIBUTES, n=1)
            some = ", ".join(f"`{known}`" for known in MODULE_ATTRIBUTES)
            hint = f"did you mean `{near[0]}`?" if near else f"a module has {some}"
            step = steps[1]
            start = step.name_start if isinstance(step, tree.GetAttribute) else step.key.start
            context.report("T0044", start, step.end, f"a module has no `{asked_for}` to refer to", hint)
            return BAD, len(steps)
        found = self.asked_of(module, asked_for, context, root.start, steps[1].end)
        return found, 2

    def asked_of(self, module: ModulePart, asked: str, context: Context, start: int, end: int) -> Value:
        """The value of one of the `MODULE_ATTRIBUTES` of a module of this scope."""
        key = f"{module.address[len(self.prefix) :]}.{asked}"
        return self.once(key, lambda inner: self.shared.ask_module(module, asked, inner), context, start, end)

    def _unknown(
        self, asked: str, near_to: str, table: Mapping[str, Any], kind: str, place: tuple[int, int], context: Context
    ) -> Value:
        if self.is_broken or asked.partition(".")[2] in self.lost:
            # What is asked for may be in the part of the file that could not be read: that is told already.
            return BAD
        context.spend(len(table))
        near = close_matches(near_to, table, n=1)
        prefix = f"{self.prefix}{kind}." if kind else self.prefix
        where = f" in `{self.path}`" if self.prefix else ""
        hint = f"did you mean `{prefix}{near[0]}`?" if near else self._declare(asked)
        related = self._declared_at(table[near[0]]) if near else ()
        context.report("T0044", *place, f"there is no `{self.prefix}{asked}`{where}", hint, related)
        return BAD

    def _declare(self, asked: str) -> str:
        kind, _, name = asked.partition(".")
        if kind == "var":
            return f'declare it: `variable "{name}" {{ … }}`'
        if kind == "local":
            return f"set `{name} = …` in a `locals` block"
        return f'declare it: `{kind} "{name}" {{ … }}`'

    def _declared_at(self, found: Any) -> tuple[Related, ...]:
        if isinstance(found, ModulePart):
            span = found.scope.span(*found.place())
        elif isinstance(found, Part):
            span = self.span(found.block.start, found.block.header_end)
        else:
            span = self.span(found.start, found.start + len(found.name))
        return (Related(span, "declared here"),)

    def _unknown_root(self, root: tree.Name, steps: Sequence[Step], context: Context) -> tuple[Value, int]:
        if self.is_broken or self.misses_include:
            return BAD, len(steps)
        roots = ["var", "local", *REFERABLE, *self.includes, *{key.split(".")[0] for key in self._types()}]
        context.spend(len(roots))
        near = close_matches(root.name, roots, n=1) if steps else []
        if near:
            hint = f"did you mean `{near[0]}`?"
        elif root.name in context.names or root.name in self.locals:
            hint = f"did you mean `local.{root.name}`?"
        elif root.name in self.variables:
            hint = f"did you mean `var.{root.name}`?"
        elif root.name in self.modules:
            hint = f"did you mean `{schema.module_type(self.modules[root.name].language)}.{root.name}`?"
        elif steps:
            hint = "references begin with a block's type, `var`, `local`, or the namespace of an include"
        else:
            hint = f'a string stands in quotes: `"{root.name}"`'
        context.report("T0044", root.start, root.end, f"there is nothing called `{root.name}`", hint)
        return BAD, len(steps)

    def _types(self) -> list[str]:
        return [schema.module_type(module.language) for module in self.modules.values()]


def key_of(step: Step) -> str | None:
    """The name that a step spells: `.name` or `["name"]`."""
    if isinstance(step, tree.GetAttribute):
        return step.name
    key = step.key
    return key.value if isinstance(key, tree.Literal) and isinstance(key.value, str) else None
