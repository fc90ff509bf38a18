"""Evaluates the blocks that are no modules: beliefs, closures, evolution, deployment, agents with a role, settings."""

from typing import Any

from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError
from tars.core.near import close_matches
from tars.core.values import Json
from tars.lang.kinds import Kind
from tars.lang.meaning.collect import Part
from tars.lang.meaning.context import Context
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import BAD, Value, Wrong
from tars.lang.meaning.read import Names, Reading, element, read_attributes, read_language, read_part, to_json
from tars.lang.meaning.resolve import Scope
from tars.lang.schema import attributes_of
from tars.lang.values import Declaration, Settings

DECLARED = ("agentic", "belief_graph", "reflection", "closure", "evolve", "deploy")


def declare(scope: Scope, part: Part, names: Names) -> Declaration | None:
    """The block with its values as JSON; None, and diagnostics, where there are findings in it.

    Durations are seconds, sizes bytes, paths relative to the project, `string or list` is always a list.
    """
    made, is_whole = declare_partly(scope, part, names)
    return made if is_whole else None


def declare_partly(scope: Scope, part: Part, names: Names) -> tuple[Declaration, bool]:
    """As `declare`, but what has a finding is left out of the block, and it is said whether the block is whole."""
    context = scope.context()
    read = read_attributes(part, context, names)
    inner = [declare_partly(scope, block, names) for block in part.blocks]
    attributes: dict[str, Json] = {}
    for name, value in read.items():
        given = _given(scope, part, name, value, context)
        if given is not BAD:
            attributes[name] = given
    labels = _labels(scope, part, names, context)
    is_whole = len(attributes) == len(read) and labels is not None and all(whole for _, whole in inner)
    blocks = tuple([block for block, _ in inner])
    span = scope.span(part.block.start, part.block.end)
    made = Declaration(part.type.name, part.labels if labels is None else labels, attributes, blocks, span)
    if not is_whole or not attributes.get("include"):
        return made, is_whole
    remembered = _remembered(made, part, context)
    return remembered or made, remembered is not None


def _given(scope: Scope, part: Part, name: str, value: Any, context: Context) -> Any:
    """What was read of an attribute as JSON; BAD, and diagnostics, where it has a finding."""
    if value is not BAD and attributes_of(part.type.name)[name].kind is Kind.REFERENCES:
        value = _addresses(scope, part, name, value, context)
    if value is BAD:
        return BAD
    try:
        return to_json(_plain(value))
    except Wrong as wrong:
        at = part.attributes[name].value
        context.report(wrong.code, at.start, at.end, wrong.message, wrong.hint)
        return BAD


def _remembered(graph: Declaration, part: Part, context: Context) -> Declaration | None:
    """A graph of beliefs with those that it includes from the project's memory, in `beliefs`; None where that cannot be
    asked. Without a memory the graph stays as it is declared."""
    if context.world.believed is None:
        return graph
    try:
        beliefs: Json = [dict(belief) for belief in context.world.believed(graph)]
    except TarsError as error:
        at = part.attributes["include"].value
        context.report("T0048", at.start, at.end, f"memory cannot be asked: {error.message}", error.hint)
        return None
    return replace(graph, attributes={**graph.attributes, "beliefs": beliefs})


def _labels(scope: Scope, part: Part, names: Names, context: Context) -> tuple[str, ...] | None:
    """The labels, checked: an agent's language exists, and so does the target of an evolution."""
    if part.type.name == "agentic":
        label = part.block.labels[0]
        reading = Reading(attributes_of("agent_module")["language"], part.block, context, names, "")  # type: ignore[arg-type]
        try:
            return (read_language(label.text, reading),)
        except Wrong as wrong:
            context.report(wrong.code, label.start, label.end, wrong.message, wrong.hint)
            return None
    if part.type.name == "evolve":
        stem = scope.path.rpartition("/")[2].removesuffix(".tars")
        if part.label not in scope.modules and part.label != stem and not scope.is_broken:
            near = close_matches(part.label, [*scope.modules, stem], n=1)
            hint = f'did you mean "{near[0]}"?' if near else f'to evolve the whole metascript, write "{stem}"'
            label = part.block.labels[0]
            context.report("T0044", label.start, label.end, f"there is no module `{part.label}`", hint)
            return None
    return part.labels


def _addresses(scope: Scope, part: Part, name: str, given: tuple[str, ...], context: Context) -> Value:
    made = []
    missing = False
    for place, text in enumerate(given):
        known = scope.modules.get(text[1:]) if text[0] == "?" else None
        if text[0] == "?" and known is None:
            at = element(part.attributes[name].value, place)
            context.report(
                "T0044", at.start, at.end, f"there is no module `{text[1:]}`", "write `python_module.<name>`"
            )
            missing = True
        made.append(known.address if known else text)
    return BAD if missing else tuple(made)


def _plain(value: Any) -> Value:
    """What reading made, without the records of inputs and arguments."""
    if isinstance(value, tuple) and value and any(type(item).__name__ == "OutputInput" for item in value):
        return tuple([item.path or item.address if hasattr(item, "address") else item for item in value])
    return value


def part_value(scope: Scope, part: Part, context: Context, names: Names) -> Value:
    """What a reference to a block gives: an object of its attributes, for a belief graph with its `beliefs`."""
    if part.type.name == "output":
        node = part.attributes.get("value")
        return evaluate(node.value, context) if node else BAD
    made = declare(scope, part, names)
    if made is None:
        return BAD
    return _value_of(made)


def _value_of(made: Declaration) -> dict[str, Value]:
    value: dict[str, Value] = {key: _frozen(item) for key, item in made.attributes.items()}
    if made.labels:
        value["id" if made.type == "belief" else "name"] = made.labels[0]
    if made.type == "belief_graph" and "beliefs" not in value:
        value["beliefs"] = tuple([_value_of(belief) for belief in made.blocks])
    return value


def _frozen(value: Json) -> Value:
    if isinstance(value, list):
        return tuple([_frozen(item) for item in value])
    return {key: _frozen(item) for key, item in value.items()} if isinstance(value, dict) else value


def read_settings(scope: Scope, part: Part, names: Names) -> Settings:
    found = read_part(part, scope.context(), names) or {}
    plain = Settings()
    return Settings(
        output=found.get("output", plain.output),
        sandbox=found.get("sandbox", plain.sandbox),
        jobs=found.get("jobs", plain.jobs),
        retention=found.get("retention", plain.retention),
    )
