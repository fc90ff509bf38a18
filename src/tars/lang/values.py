"""What a metascript means, once its names, aliases, references and includes are resolved."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Diagnostic, Json, Span


class PathInput(Prefab, frozen=True):
    """A file or folder of the project, relative to its root."""

    path: str


class OutputInput(Prefab, frozen=True):
    """An output of another module, known by its address. `path` is empty where the outputs are only found by
    watching what the run writes; `index` then counts among them, and -1 stands for all of them."""

    address: str
    path: str = ""
    index: int = -1


class JsonInput(Prefab, frozen=True):
    """A value computed by the metascript itself (a variable, an object, beliefs), handed over as JSON."""

    value: Json


Input: TypeAlias = PathInput | OutputInput | JsonInput


class Resources(Prefab, frozen=True):
    """What a module may use; `None` and empty are the sandbox's defaults. Paths are relative to the project."""

    cpu: float | None = None
    memory_bytes: int | None = None
    gpu: int = 0
    network: bool = False
    files_read: tuple[str, ...] = ()
    files_write: tuple[str, ...] = ()
    image: str = ""
    """What a container has as its root: `name@sha256:…`, or a folder of the project."""


class Module(Prefab, frozen=True):
    """One agent module, normalised: every alias and spelling of the language is turned into these fields.

    `address` (`python_module.tokenizer`) is unique in a metascript. All paths are relative to the project and use `/`.
    """

    address: str
    name: str
    language: str
    span: Span
    source: str = ""
    entry_point: str = ""
    """A function or binary name within `source`; never a path."""
    compile: Literal["", "host", "docker"] = ""
    """`""` is "as the language needs": a compiled language is still built."""
    artifact: str = ""
    """Where the user wants the build result placed, or `""`."""
    outputs: tuple[str, ...] = ()
    watch_outputs: bool = False
    """True where no data outputs are declared (`output` names the artifact): they are what the run wrote."""
    output_schema: str | Mapping[str, Json] | None = None
    inputs: tuple[Input, ...] = ()
    inject_as: Literal["", "args", "env", "stdin", "file"] = ""
    args: tuple[str | OutputInput, ...] = ()
    env: Mapping[str, str] = attribute(default_factory=dict)
    environment: str = ""
    runtime: str = ""
    input_type: str = ""
    output_type: str = ""
    role: str = ""
    traits: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Addresses of the modules that must succeed before this one: from references and `depends_on`, sorted."""
    timeout_seconds: float | None = None
    retries: int = 0
    backoff_seconds: float = 1.0
    resources: Resources = Resources()
    sandbox: tuple[str, ...] = ()
    """The fallback chain, or empty for the project's default."""
    cache: bool = True
    check: bool = False
    """Also run the language's type checker, where it has one."""
    options: Mapping[str, str | tuple[str, ...]] = attribute(default_factory=dict)
    """`goos`, `goarch`, `target`, `profile`, `features`: handed to the language's build."""
    pin: str = ""
    """`name@v3` where a `use_<language>_module` pins the module to a stored version."""
    entry_file: str = ""
    """The file of `entry_point` where `source` is a folder and `entry_point` was written as `path:function`."""


class Settings(Prefab, frozen=True):
    output: str = "output"
    sandbox: tuple[str, ...] = ("process", "none")
    jobs: int = 0
    """0 is as many as there are cores."""
    retention: int = 0
    """How many versions `prune` keeps by default; 0 keeps all."""

    @property
    def own(self) -> tuple[str, ...]:
        """The folders in the output folder that TARS itself writes."""
        return tuple(f"{self.output}/{name}".removeprefix("./") for name in ("versions", "logs"))

    def kept(self, path: str) -> str:
        """The folder that the path is, or is in, where that is not for agents: one of `own`, or one that is TARS's or
        git's wherever it is; else `""`. Case counts for nothing, since on some file systems it does not."""
        folded = f"/{path.lower()}/"
        if "/.tars/" in folded or "/.git/" in folded:
            return ".tars" if "/.tars/" in folded else ".git"
        return next((name for name in self.own if folded.startswith(f"/{name.lower()}/")), "")


class Declaration(Prefab, frozen=True):
    """A block that is not a module (`agentic`, `belief_graph`, `closure`, `evolve`, `deploy`, …), evaluated."""

    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Json]
    blocks: tuple["Declaration", ...]
    span: Span


class Metascript(Prefab, frozen=True):
    """A resolved metascript and everything it includes.

    `modules` is in an order in which every module comes after those it needs. `reads` are the files that the
    meaning rests on (the metascript, its includes, files read by functions), relative to the project.
    """

    path: str
    modules: tuple[Module, ...]
    settings: Settings = Settings()
    declarations: tuple[Declaration, ...] = ()
    variables: Mapping[str, Json] = attribute(default_factory=dict)
    outputs: Mapping[str, "Json | OutputInput"] = attribute(default_factory=dict)
    reads: tuple[str, ...] = ()
    environment_reads: tuple[str, ...] = ()
    """Names of the environment variables that the meaning rests on."""


class Loaded(Prefab, frozen=True):
    """The result of loading: `metascript` is None where there are errors. `texts` maps each path to its text."""

    metascript: Metascript | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]
