"""Rust: a lone file with a `main`, one public function of a file or a library, or a crate folder built by cargo."""

import json
from collections.abc import Iterator
from typing import Any, Final

from ducktools.classbuilder.prefab import replace

from tars.core.values import Diagnostic, Severity, Span
from tars.runner.building.sources import folder_of, path_of, refused
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._cargo import Crate, Target, crate_of
from tars.runner.toolchains._rust_source import files_of, has_main
from tars.runner.toolchains._rust_start import start_of
from tars.runner.toolchains._tools import CARGO, RUSTC, WASMTIME, rust_library
from tars.runner.toolchains._wasm_host import WASM, for_wasm, target_of
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_WASM: Final = {"wasm": "wasm32-wasip1", "wasi": "wasm32-wasip1", "wasip1": "wasm32-wasip1", "wasip2": "wasm32-wasip2"}
"""Core modules, and components."""
_EDITION: Final = "2021"
_TOLD: Final = "reads.d"
_SEVERITIES: Final = {"error": Severity.ERROR, "warning": Severity.WARNING}


class Rust:
    name = "rust"
    suffixes = (".rs",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        module = source.module
        host = (WASMTIME,) if _is_wasm(source) else ()
        if module.compile == "docker":
            return host
        target = _target(source)
        library = (rust_library(target),) if target else ()
        return ((RUSTC, CARGO) if source.is_folder else (RUSTC,)) + library + host

    def sample(self) -> tuple[str, bytes]:
        copy = b"std::io::copy(&mut std::io::stdin(), &mut std::io::stdout()).unwrap();"
        return "agent.rs", b"fn main() {\n    " + copy + b"\n}\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        return _crate(source) if source.is_folder else _file(source)

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """The compiler's own diagnostics, from the JSON lines of rustc (stderr) or cargo (stdout)."""
        found = []
        for line in (*outcome.stdout.splitlines(), *outcome.stderr.splitlines()):
            message = _message(line)
            if message and message.get("level") in _SEVERITIES and message.get("spans"):
                found.append(_diagnostic(message, source))
        return tuple(found)


def _target(source: Source) -> str:
    target = target_of(source)
    return _WASM.get(target, target)


def _is_wasm(source: Source) -> bool:
    return _target(source) in _WASM.values()


def _profile(source: Source) -> str:
    profile = source.module.options.get("profile", "")
    return {"": "release", "debug": "dev"}.get(str(profile), str(profile))


def _features(source: Source) -> tuple[str, ...]:
    features = source.module.options.get("features", ())
    return tuple(features.replace(",", " ").split()) if isinstance(features, str) else tuple(features)


def _compile(source: Source, *arguments: str, edition: str = _EDITION) -> Step:
    optimised = () if _profile(source) == "dev" else ("-O",)
    target = ("--target", _target(source)) if _target(source) else ()
    argv = ("{tool:rustc}", f"--edition={edition}", "--error-format=json", *optimised, *target, *arguments)
    return Step(argv, rendered=True)


def _finished(plan: BuildPlan, source: Source) -> BuildPlan:
    """The plan with its command, and for WASM with the step that compiles it ahead of time."""
    return for_wasm(plan, source) if _is_wasm(source) else replace(plan, platform=_platform(source))


def _artifact(source: Source) -> str:
    return WASM if _is_wasm(source) else "agent{exe}"


def _platform(source: Source) -> str:
    """In Go's words; empty for this machine and for WASM, which runs on any."""
    target = _target(source)
    if not target or _is_wasm(source):
        return ""
    machine = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386"}.get(target.partition("-")[0], target)
    systems = (("windows", "windows"), ("darwin", "darwin"), ("linux", "linux"))
    return f"{next((name for part, name in systems if part in target), target)}/{machine}"


def _file(source: Source) -> BuildPlan:
    module = source.module
    if module.source not in source.files:
        raise refused(source, f"there is no file `{module.source}`", "write its path relative to the project")
    reads = files_of(source.files, module.source)
    artifact = _artifact(source)
    features = tuple(part for name in _features(source) for part in ("--cfg", f'feature="{name}"'))
    into = ("-o", f"{{build}}/{artifact}")
    telling = (f"--emit=link,dep-info={{build}}/{_TOLD}",)
    entry = module.entry_point
    if entry in ("", "main") and has_main(source.files[module.source].decode("utf-8", "replace")):
        steps: tuple[Step, ...] = (_compile(source, "--crate-name=agent", *features, *telling, *into, "{source}"),)
        files = {}
    else:
        if not entry:
            hint = "add `fn main`, or name a public function as `entry_point`"
            raise refused(source, f"`{module.source}` has no `fn main`", hint)
        files = {"start.rs": start_of(source, module.source, entry)}
        library = "{build}/libagent.rlib"
        steps = (
            _compile(source, "--crate-type=rlib", "--crate-name=agent", *features, *telling, "-o", library, "{source}"),
            _compile(source, "--crate-name=start", "--extern", f"agent={library}", *into, "{build}/start.rs"),
        )
    return _finished(BuildPlan(Step((f"{{build}}/{artifact}",)), reads, steps, files, artifact, told=_TOLD), source)


def _crate(source: Source) -> BuildPlan:
    crate = crate_of(source)
    target = _chosen(source, crate)
    artifact, profile = _artifact(source), _profile(source)
    triple = ("--target", _target(source)) if _target(source) else ()
    features = ("--features", ",".join(_features(source))) if _features(source) else ()
    kind = ("--lib",) if target.kind == "lib" else (f"--{target.kind}", target.name)
    options = ("--profile", profile, "--package", target.package, *kind, *triple, *features)
    argv = ("{tool:cargo}", "build", "--message-format=json", "--target-dir", "{work}/target", *options)
    folder = folder_of(source)
    cargo = Step(argv, {"RUSTC": "{tool:rustc}"}, "{project}/" + folder if folder else "{project}", rendered=True)
    made = "/".join(("{work}/target", *triple[1:], "debug" if profile == "dev" else profile))
    if target.kind == "lib":
        entry = source.module.entry_point
        files = {"start.rs": start_of(source, target.path, entry)}
        library = ("--extern", f"agent={made}/lib{target.name}.rlib", "-L", f"dependency={made}/deps")
        into = ("--crate-name=start", "-o", f"{{build}}/{artifact}", "{build}/start.rs")
        steps: tuple[Step, ...] = (cargo, _compile(source, *library, *into))
        made = ""
    else:
        ending = ".wasm" if artifact.endswith(".wasm") else "{exe}"
        made = f"{made}/{'examples/' if target.kind == 'example' else ''}{target.name}{ending}"
        steps, files = (cargo,), {}
    command = Step((f"{{build}}/{artifact}",))
    return _finished(BuildPlan(command, crate.reads, steps, files, artifact, made=made, mirror=True), source)


def _chosen(source: Source, crate: Crate) -> Target:
    """What `entry_point` names: a binary, an example, or a public function of the library."""
    entry = source.module.entry_point
    named = [target for target in crate.targets if target.name == entry and target.kind in ("bin", "example")]
    if named:
        return min(named, key=lambda target: target.kind != "bin")
    binaries = [target for target in crate.targets if target.kind == "bin"]
    if entry in ("", "main"):
        if len(binaries) == 1:
            return binaries[0]
        for target in binaries:
            if target.is_default:
                return target
    libraries = [target for target in crate.targets if target.kind == "lib"]
    if entry not in ("", "main") and libraries:
        return libraries[0]
    names = ", ".join(f"`{target.name}`" for target in crate.targets if target.kind != "lib") or "none"
    place = f"`{source.module.source}`"
    if entry:
        raise refused(source, f"the crate {place} has no binary `{entry}`", f"its binaries and examples: {names}")
    raise refused(
        source, f"the crate {place} does not say which binary to run", f"set `entry_point`; there are: {names}"
    )


def _message(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        content = json.loads(line)
    except ValueError:
        return None
    inner = content.get("message")
    message = inner if content.get("reason") == "compiler-message" else content
    return message if isinstance(message, dict) else None


def _diagnostic(message: dict[str, Any], source: Source) -> Diagnostic:
    code = (message.get("code") or {}).get("code") or message["level"]
    hints = [str(child.get("message", "")) for child in message.get("children", ()) if child.get("level") == "help"]
    severity, text = _SEVERITIES[message["level"]], str(message.get("message", ""))
    label = next((one["label"] for one in message["spans"] if one.get("is_primary") and one.get("label")), "")
    if label and label not in text:
        text = f"{text}: {label}"
    if source.is_folder and text.startswith("couldn't read"):
        hints.insert(
            0, "a crate is built in a copy of its files; others of the project are there if a literal names them"
        )
    span = next(_places(message, source), None)
    return Diagnostic(f"rust:{code}", severity, text, span, hints[0] if hints else "")


def _places(message: dict[str, Any], source: Source) -> Iterator[Span]:
    for one in sorted(message["spans"], key=lambda one: not one.get("is_primary")):
        path = path_of(source, str(one.get("file_name", "")))
        if path is not None:
            content = source.files[path]
            start, end = (len(content[: one[f"byte_{which}"]].decode("utf-8", "replace")) for which in ("start", "end"))
            yield Span(path, start, end)


PLUGIN: Toolchain = Rust()
