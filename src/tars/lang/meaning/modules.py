"""Turns every spelling of a module block into the one normalised `Module`."""

from collections.abc import Mapping
from typing import Any, Final

from tars.lang.meaning.collect import Part
from tars.lang.meaning.context import Context
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import BAD, OutputPath, ProjectPath, Value, Wrong
from tars.lang.meaning.read import Names, Reading, element, read_attributes, read_part, read_value
from tars.lang.meaning.resolve import ModulePart
from tars.lang.schema import attributes_of
from tars.lang.values import Module, OutputInput, Resources

INTERPRETED: Final = frozenset({"python", "javascript", "lua", "ruby", "perl", "php", "r", "julia", "shell", "bash"})
"""Languages in which `compile = true` makes no file that could be called the artifact."""

DATA_SUFFIXES: Final = frozenset(
    [
        ".json",
        ".jsonl",
        ".ndjson",
        ".csv",
        ".tsv",
        ".txt",
        ".md",
        ".html",
        ".xml",
        ".yaml",
        ".yml",
        ".toml",
        ".png",
        ".svg",
        ".jpg",
        ".jpeg",
        ".gif",
        ".pdf",
        ".parquet",
        ".arrow",
        ".npy",
        ".npz",
        ".db",
        ".sqlite",
        ".log",
    ]
)
"""What ends so is data, never a build result."""

_SOURCE_SUFFIXES: Final = frozenset(
    [
        ".py",
        ".rs",
        ".ts",
        ".mts",
        ".cts",
        ".tsx",
        ".js",
        ".mjs",
        ".cjs",
        ".jsx",
        ".go",
        ".wasm",
        ".wat",
        ".lua",
        ".zig",
        ".swift",
        ".rb",
        ".sh",
        ".c",
        ".cpp",
        ".php",
        ".r",
        ".jl",
    ]
)
_OPTIONS: Final = ("goos", "goarch", "target", "profile", "features")
_NO_RESOURCES: Final = Resources()


def declare_module(module: ModulePart, names: Names) -> Module | None:
    """The normalised module; None, and diagnostics, where it cannot be told what it runs or needs. What else has a
    finding is left out of it, so that the rest is still checked."""
    scope = module.scope
    context = scope.context()
    part = module.part
    if part is None:
        return _pinned(module)
    read = read_attributes(part, context, names, module.address)
    resources = _read_resources(part, context, names) or _NO_RESOURCES
    if BAD in (read.get("source"), read.get("entry_point")):
        return None
    found = {name: value for name, value in read.items() if value is not BAD}
    place = _place_source(module, found, context)
    if place is None:
        return None
    source, entry_point, entry_file = place
    outputs, artifact = split_outputs(module.language, found)
    needs = _needs(module, found, context)
    if needs is None:
        return None
    get = found.get
    return Module(
        address=module.address,
        name=module.name,
        language=module.language,
        span=scope.span(part.block.start, part.block.end),
        source=source,
        entry_point=entry_point,
        compile=get("compile", ""),
        artifact=artifact,
        outputs=outputs,
        watch_outputs=not outputs,
        output_schema=get("output_schema"),
        inputs=get("input", ()),
        inject_as=get("inject_as", ""),
        args=get("args", ()),
        env=get("env", {}),
        environment=get("environment", ""),
        runtime=get("runtime", ""),
        input_type=get("input_type", ""),
        output_type=get("output_type", ""),
        role=get("role", ""),
        traits=get("traits", ()),
        needs=needs,
        timeout_seconds=get("timeout"),
        retries=get("retries", 0),
        backoff_seconds=get("backoff", 1.0),
        resources=resources,
        sandbox=get("sandbox", ()),
        cache=get("cache", True),
        check=get("check", False),
        options={name: found[name] for name in _OPTIONS if name in found},
        pin=module.pin[0] if module.pin else "",
        entry_file=entry_file,
    )


def _pinned(module: ModulePart) -> Module:
    """A module that only a pin declares: everything else stands in the stored version."""
    assert module.pin is not None
    pin, node = module.pin
    span = module.scope.span(node.start, node.end)
    return Module(module.address, module.name, module.language, span, watch_outputs=True, pin=pin)


def split_outputs(language: str, found: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """The data outputs, and the artifact: in the older spelling `output` names the artifact of what is compiled."""
    outputs: tuple[str, ...] = found.get("output", ())
    artifact: str = found.get("artifact", "")
    if artifact or not found.get("compile") or language in INTERPRETED or len(outputs) != 1:
        return outputs, artifact
    suffix = "." + outputs[0].rpartition("/")[2].rpartition(".")[2].lower()
    return (outputs, "") if suffix in DATA_SUFFIXES else ((), outputs[0])


def ask_module(module: ModulePart, name: str, context: Context, names: Names) -> Value:
    """What a reference to `output`, `outputs`, `artifact`, `source` or `name` of a module gives."""
    if name == "name":
        return module.name
    asked = ("source", "entry_point") if name == "source" else ("output", "artifact", "compile")
    found: dict[str, Any] = {}
    is_list = name == "outputs"
    types = attributes_of("module")
    wanted = len(context.world.wanted)
    for attribute in asked:
        node = module.attributes.get(attribute)
        value = evaluate(node.value, context) if node else None
        if value is BAD:
            return BAD
        if node is None or value is None:
            continue
        is_list = is_list or (attribute == "output" and isinstance(value, tuple))
        found[attribute] = read_value(value, Reading(types[attribute], node.value, context, names, module.address))
    del context.world.wanted[wanted:]
    # What another module's attribute rests on is its own need, not that of whoever refers to it.
    context.needs.clear()
    context.needs.add(module.address)
    if BAD in found.values():
        return BAD
    if name == "source":
        path = found.get("source") or split_entry(found.get("entry_point", ""))[0]
        return ProjectPath(path) if path else BAD
    outputs, artifact = split_outputs(module.language, found)
    if name == "artifact":
        if artifact:
            return ProjectPath(artifact)
        raise Wrong(f"`{module.address}` does not say where its build result is placed", "add `artifact = …` to it")
    if not outputs:
        return OutputInput(module.address)
    paths = tuple([OutputPath(path, module.address) for path in outputs])
    return paths if is_list else paths[0]


def split_entry(text: str) -> tuple[str, str]:
    """The path and the name in an `entry_point`; each may be empty."""
    path, colon, name = text.rpartition(":")
    if colon and path and name and not path.endswith(":") and (_is_path(path) or "::" not in path):
        return path, name
    return (text, "") if _is_path(text) else ("", text)


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text or ("." in text and "." + text.rpartition(".")[2].lower() in _SOURCE_SUFFIXES)


def _place_source(module: ModulePart, found: dict[str, Any], context: Context) -> tuple[str, str, str] | None:
    """Source, name of the entry point in it, and the entry point's file where the source is a folder."""
    source: str = found.get("source", "")
    path, name = split_entry(found.get("entry_point", ""))
    start, end = module.place("entry_point")
    places = context.world.places
    if path:
        try:
            path = places.relative(module.scope.folder, path) if not source else path
            if source:
                path = _within(source, path, module, context)
        except Wrong as wrong:
            context.report(wrong.code, start, end, wrong.message, wrong.hint)
            return None
        if not source:
            context.world.wanted.append((path, context.path, start, end))
            return path, name, ""
        return source, name, path if path != source else ""
    if not source and not module.pin:
        start, end = module.place()
        hint = 'add `source = "…"`: the source file, or the folder of a package'
        context.report("T0033", start, end, f"`{module.address}` needs the attribute `source`", hint)
        return None
    return source, name, ""


def _within(source: str, path: str, module: ModulePart, context: Context) -> str:
    """The file that an `entry_point` names beside a `source`: the source itself, or a file in that folder."""
    places = context.world.places
    direct = places.relative(module.scope.folder, path)
    if direct == source or source.endswith(f"/{path}"):
        return source
    if places.look(source) == "folder":
        inside = places.relative(source if source != "." else "", path)
        return inside if places.look(inside) != "missing" or not direct.startswith(f"{source}/") else direct
    raise Wrong(
        f"`entry_point` names the file `{path}`, but `source` is `{source}`",
        "name the function alone, or leave `source` out",
        code="T0053",
    )


def _needs(module: ModulePart, found: dict[str, Any], context: Context) -> tuple[str, ...] | None:
    """The addresses of the modules that it needs, sorted. A path of its own output in its arguments is no need."""
    needs = set(context.needs)
    own = module.address
    needs.discard(own)
    itself = any(isinstance(given, OutputInput) and given.address == own for given in found.get("input", ()))
    for place, text in enumerate(found.get("depends_on", ())):
        known = _named(module, text[1:]) if text[0] == "?" else text
        if known is None:
            at = element(module.attributes["depends_on"].value, place)
            message = f"there is no module `{text[1:]}`"
            context.report("T0044", at.start, at.end, message, "write `python_module.<name>`")
            continue
        needs.add(known)
        itself = itself or known == own
    if itself:
        start, end = module.place("depends_on" if "depends_on" in found and own in needs else "input")
        context.report("T0045", start, end, f"this needs itself: {own} → {own}", "take the reference out")
        return None
    return tuple(sorted(needs))


def _named(module: ModulePart, text: str) -> str | None:
    modules = module.scope.modules
    if text in modules:
        return modules[text].address
    text = f"{module.scope.prefix}{text}"
    return next((known.address for known in modules.values() if known.address == text), None)


def _read_resources(part: Part, context: Context, names: Names) -> Resources | None:
    if not part.blocks:
        return _NO_RESOURCES
    resources = part.blocks[0]
    found = read_part(resources, context, names)
    if found is None:
        return None
    read: tuple[str, ...] = found.get("files", ())
    write: tuple[str, ...] = ()
    for block in resources.blocks:
        files = read_part(block, context, names)
        if files is None:
            return None
        read, write = (*read, *files.get("read", ())), (*write, *files.get("write", ()))
    return Resources(
        cpu=found.get("cpu"),
        memory_bytes=found.get("memory"),
        gpu=found.get("gpu", 0),
        network=found.get("network", False),
        files_read=read,
        files_write=write,
        image=found.get("image", ""),
    )
