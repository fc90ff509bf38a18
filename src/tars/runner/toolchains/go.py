"""Go: a lone file, one function of a file, or a package folder, built by `go build` for this machine or another."""

import json
import re
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.core.values import Diagnostic, Span
from tars.runner.building.sources import folder_of, found_at, joined, refused, under, upward
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._go_modules import files_beside
from tars.runner.toolchains._tools import GO, WASMTIME
from tars.runner.toolchains._wasm_host import WASM, for_wasm
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_START: Final = "tars_start_generated.go"
_ERROR: Final = re.compile(
    rb"^(?:vet: )?(?P<path>[^\s:][^\n:]*\.go):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<message>[^\n]+)", re.MULTILINE
)
_FRAME: Final = re.compile(rb"^\t(?P<path>[^\n]+\.go):(?P<line>\d+)", re.MULTILINE)
_PANIC: Final = re.compile(rb"^(?:panic|fatal error): (?P<message>[^\n]+)", re.MULTILINE)
_PACKAGE: Final = re.compile(r"^\s*package\s+(\w+)", re.MULTILINE)
_MAIN: Final = re.compile(r"^func\s+main\s*\(\s*\)", re.MULTILINE)
_NOT_CODE: Final = re.compile(r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_TAKEN: Final = {"string": "string(tarsInput())", "[]byte": "tarsInput()"}


class Go:
    name = "go"
    suffixes = (".go",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        is_wasm = _target(source)[0] == "wasip1"
        host = (WASMTIME,) if is_wasm else ()
        compiler = replace(GO, version_min=(1, 21)) if is_wasm else GO
        return host if source.module.compile == "docker" else (compiler, *host)

    def sample(self) -> tuple[str, bytes]:
        body = b'import (\n\t"io"\n\t"os"\n)\n\nfunc main() {\n\tio.Copy(os.Stdout, os.Stdin)\n}\n'
        return "agent.go", b"package main\n\n" + body

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        folder, names, reads = _package(source)
        texts = {name: source.files[joined(folder, name)].decode("utf-8", "replace") for name in names}
        files: dict[str, bytes] = {}
        overlay: tuple[str, ...] = ()
        has_main = any(_MAIN.search(_code(text)) for text in texts.values())
        if not has_main:
            base = "{project}/" + folder if folder else "{project}"
            replaced = {"Replace": {f"{base}/{_START}": f"{{build}}/{_START}"}}
            files = {_START: _start(source, folder, texts), "overlay.json": json.dumps(replaced).encode()}
            overlay = ("-overlay", "{build}/overlay.json")
        goos, goarch = _target(source)
        artifact = WASM if goos == "wasip1" else "agent.exe" if goos == "windows" else "agent"
        artifact = artifact if goos else "agent{exe}"
        cgo = any('import "C"' in text for text in texts.values())
        env = {"CGO_ENABLED": "1" if cgo else "0", "GOFLAGS": "", "GOWORK": ""}
        env |= {name: value for name, value in (("GOOS", goos), ("GOARCH", goarch)) if value}
        what = (".",) if source.is_folder else (names[0], *((_START,) if files else ()))
        argv = ("{tool:go}", "build", "-trimpath", "-buildvcs=false", *overlay, "-o", f"{{build}}/{artifact}", *what)
        step = Step(argv, env, "{project}/" + folder if folder else "{project}")
        if goos == "wasip1":
            return for_wasm(BuildPlan(Step((artifact,)), reads, (step,), files), source)
        platform = f"{goos or '*'}/{goarch or '*'}" if goos or goarch else ""
        return BuildPlan(Step((f"{{build}}/{artifact}",)), reads, (step,), files, artifact, platform=platform)

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """The places that the compiler names, or the first of a panic's stack that is in the project."""
        found = []
        for match in _ERROR.finditer(outcome.stderr):
            message = match["message"].decode("utf-8", "replace")
            place = (match["path"].decode("utf-8", "replace"), int(match["line"]), int(match["column"] or 1))
            found.append(found_at(source, "go:error", message, *place))
        panic = _PANIC.search(outcome.stderr)
        if panic and not found:
            for match in _FRAME.finditer(outcome.stderr, panic.end()):
                path = match["path"].decode("utf-8", "replace").removeprefix("./")
                path = path.removeprefix("command-line-arguments/")
                message = f"panic: {panic['message'].decode('utf-8', 'replace')}"
                found.append(found_at(source, "go:panic", message, path, int(match["line"])))
        return tuple(one for one in found if one is not None)[:50]


def _target(source: Source) -> tuple[str, str]:
    options = source.module.options
    goos, goarch, target = (str(options.get(name, "")) for name in ("goos", "goarch", "target"))
    if target in ("wasm", "wasi", "wasip1") or goos == "wasip1":
        return "wasip1", "wasm"
    if target and not (goos or goarch):
        goos, _, goarch = target.partition("/")
    return goos, goarch


def _package(source: Source) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The folder of the package, the names of its files, and all files that the build rests on."""
    module, folder = source.module, folder_of(source)
    beside = tuple(path for name in ("go.mod", "go.sum", "go.work", "go.work.sum") for one in upward(folder)
                   if (path := joined(one, name)) in source.files)  # fmt: skip
    if not source.is_folder:
        if module.source not in source.files:
            raise refused(source, f"there is no file `{module.source}`", "write its path relative to the project")
        names: tuple[str, ...] = (module.source.rpartition("/")[2],)
        modules = files_beside(source, folder, source.files[module.source])
        return folder, names, tuple(sorted({module.source, *modules, *beside, *_embedded(source, folder)}))
    entry = module.entry_point
    for inner in (entry, f"cmd/{entry}"):
        if entry and any(path.endswith(".go") for path in under(source, joined(folder, inner))):
            folder = joined(folder, inner)
            break
    prefix = folder + "/" if folder else ""
    inside = (path.removeprefix(prefix) for path in under(source, folder))
    names = tuple(name for name in inside if "/" not in name and name.endswith(".go") and not name.endswith("_test.go"))
    if not names:
        raise refused(source, f"the folder `{folder or '.'}` holds no Go file", "name the folder of a `package main`")
    return folder, names, tuple(sorted({*under(source, folder), *files_beside(source, folder, None), *beside}))


def _embedded(source: Source, folder: str) -> tuple[str, ...]:
    """All files below the folder of a lone file that embeds some, or that takes in C."""
    content = source.files[source.module.source]
    return under(source, folder) if b"//go:embed" in content or b'import "C"' in content else ()


def _code(text: str) -> str:
    """The text with comments and strings blanked, so that every place in it stays where it was."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def _start(source: Source, folder: str, texts: dict[str, str]) -> bytes:
    """The generated `main`, for the function that `entry_point` names."""
    entry = source.module.entry_point
    for name, text in texts.items():
        match = re.search(
            rf"^func\s+(?P<name>{re.escape(entry)})\s*\((?P<takes>[^)]*)\)(?P<gives>[^{{]*)\{{", _code(text), re.M
        )
        if not entry or match is None:
            continue
        span = Span(joined(folder, name), *match.span("name"))
        package = _PACKAGE.search(_code(text))
        if package is None or package[1] != "main":
            raise refused(source, f"`{entry}` is not in `package main`", "begin the file with `package main`", span)
        takes = match["takes"].replace(",", " ").split()
        argument = _TAKEN.get(takes[-1], "") if takes else ""
        if len(takes) > 2 or (takes and not argument):
            hint = "an entry point takes nothing, or one string or []byte"
            raise refused(source, f"`{entry}` takes ({match['takes']}), which cannot be handed over", hint, span)
        return _main(f"{entry}({argument})", match["gives"].strip(" \t()"), source, entry, span, bool(takes))
    hint = "write `func main()`, or let `entry_point` name a function in it"
    raise refused(source, f"`{source.module.source}` has no `func {entry or 'main'}`", hint)


def _main(call: str, gives: str, source: Source, entry: str, span: Span, takes: bool) -> bytes:
    results = [part.split()[-1] for part in gives.split(",") if part.strip()]
    has_error = bool(results) and results[-1] == "error"
    values = results[:-1] if has_error else results
    if len(values) > 1:
        hint = "an entry point returns nothing, a value, an error, or a value and an error"
        raise refused(source, f"`{entry}` returns ({gives})", hint, span)
    names = ", ".join([*(["value"] if values else []), *(["err"] if has_error else [])])
    lines = [f"\t{names + ' := ' if names else ''}{call}"]
    imports = ["os", *(["io"] if takes else []), *(["fmt"] if values or has_error or takes else [])]
    imports += ["encoding/json"] if values and values[0] not in _BYTES else []
    if has_error:
        lines.append("\tif err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}")
    if values:
        lines.append(_BYTES.get(values[0], _JSON) + _DELIVER)
    if imports == ["os"]:
        imports = []
    listed = "".join(f'\t"{name}"\n' for name in sorted(imports))
    head = f"package main\n\nimport (\n{listed})\n\n" if imports else "package main\n\n"
    return (head + "func main() {\n" + "\n".join(lines) + "\n}\n" + (_INPUT if takes else "")).encode()


_BYTES: Final = {"string": "\tdata := []byte(value)\n", "[]byte": "\tdata := value\n"}
_JSON: Final = """\tdata, failed := json.MarshalIndent(value, "", "  ")
	if failed != nil {
		fmt.Fprintln(os.Stderr, "tars: the function's result cannot be written as JSON:", failed)
		os.Exit(1)
	}
	data = append(data, '\\n')
"""
_DELIVER: Final = """\
	target := os.Stdout
	if path := os.Getenv("TARS_OUTPUT"); path != "" {
		if _, missing := os.Stat(path); missing != nil {
			file, failed := os.Create(path)
			if failed != nil {
				fmt.Fprintln(os.Stderr, failed)
				os.Exit(1)
			}
			defer file.Close()
			target = file
		}
	}
	if _, failed := target.Write(data); failed != nil {
		fmt.Fprintln(os.Stderr, failed)
		os.Exit(1)
	}"""
_INPUT: Final = """
func tarsInput() []byte {
	source := io.Reader(os.Stdin)
	if path := os.Getenv("TARS_INPUT"); path != "" {
		file, err := os.Open(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		source = file
	}
	data, err := io.ReadAll(source)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return data
}
"""

PLUGIN: Toolchain = Go()
