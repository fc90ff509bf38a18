"""The frozen values of the runner: what a toolchain plans, what a sandbox is given, and what came of it."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Diagnostic, Digest
from tars.lang.values import Module

WASM_HOST = "wasm_host.py"
"""TARS's own program that runs one WebAssembly module; a command that names it can run in the `wasm` sandbox."""


class Tool(Prefab, frozen=True):
    """A program that a toolchain needs. `hints` maps a package manager (`apt`, `brew`, `npm`, `pip`, `winget`, `""` for
    any system) to the command that installs it. `version_arguments` make it print its version, with `version_input` on
    stdin where it has no option for that."""

    name: str
    version_min: tuple[int, ...] = ()
    version_arguments: tuple[str, ...] = ("--version",)
    hints: Mapping[str, str] = attribute(default_factory=dict)
    label: str = ""
    """What messages call it (`Go toolchain`); empty is its name."""
    instead: "tuple[Tool, ...]" = ()
    """Others that will do where it is missing, best first: `Found.tool` tells which it is."""
    version_input: bytes = b""

    def __hash__(self) -> int:  # `hints` has none
        return hash((self.name, self.version_min, self.label, self.instead))


class Found(Prefab, frozen=True):
    """A tool as found on this machine: the real program (never a version manager's shim) and its version."""

    tool: str
    path: str
    version: str


class Step(Prefab, frozen=True):
    """One command. In `argv`, `env` and `cwd`, `{build}` stands for the build's folder, `{source}` for the module's
    source (file or folder), `{project}` for the project's root, `{tool:NAME}` for a detected tool's program, `{shims}`
    for the folder of TARS's own start programs, `{environment}` for the plan's environment, `{work}` for a folder that
    is kept between builds of the same source, and `{exe}` for `.exe` on Windows."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = attribute(default_factory=dict)
    cwd: str = "{project}"
    rendered: bool = False
    """It writes JSON lines with the text for people in `rendered` (rustc, cargo): only that is shown and logged."""


class BuildPlan(Prefab, frozen=True):
    """How a module becomes something that runs.

    `reads` are all the project's files that the build and the command rest on (relative to the project); their
    contents, with `steps`, `files`, `command` and the tools' versions, are the key under which results are kept.
    `files` are generated ones (shims), written to `{build}` before the steps. `artifact` is the path below `{build}`
    that the steps make, or empty where nothing is built and the source itself is run. `environment` is the
    preparation of an environment (a virtual environment, `node_modules`) that the build and the command use.
    """

    command: Step
    reads: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    files: Mapping[str, bytes] = attribute(default_factory=dict)
    artifact: str = ""
    environment: "EnvironmentPlan | None" = None
    checks: tuple[Step, ...] = ()
    """Commands that only judge (a type checker); their findings are reported, and an error fails the build."""
    made: str = ""
    """Where the steps leave the artifact when that is not `{build}/<artifact>`: it is copied from there."""
    also: tuple[str, ...] = ()
    """Further files below `{build}` that the steps make and the command needs."""
    mirror: bool = False
    """The steps see a copy of `reads` in `{work}/project` instead of the project, so that tools that write next to
    their sources leave the project clean, and see nothing that the key does not cover."""
    told: str = ""
    """The file below `{build}` in which the steps tell what they read, as rules of make or as esbuild's metafile
    (`.json`): what the scan of the sources missed comes to count. Not with `mirror`, where nothing else can be read."""
    unforeseen: tuple[str, ...] = ()
    """Those of `reads` that only the module's last build told of. The runner sets it."""
    platform: str = ""
    """`os/architecture` in Go's words where the artifact is for another machine than the one that builds."""


class EnvironmentPlan(Prefab, frozen=True):
    """A folder of dependencies, made once per content of `reads` and `steps` and shared by all projects of the user;
    `{environment}` in the steps and in the plan's command stands for it."""

    steps: tuple[Step, ...]
    reads: tuple[str, ...] = ()
    files: Mapping[str, bytes] = attribute(default_factory=dict)


class Source(Prefab, frozen=True):
    """What a toolchain may look at when it plans: the declaration, and the project's files, read when asked for.

    `files` maps paths relative to the project to contents; folders that hold no source (`target`, `node_modules`,
    `.venv`, `.git`, `.tars`, the output folder, …) are left out. `is_folder` tells whether `module.source` is a folder.
    """

    module: Module
    files: Mapping[str, bytes]
    is_folder: bool


class Limits(Prefab, frozen=True):
    """`None` is no limit. They hold for the whole process group."""

    seconds_max: float | None = None
    memory_bytes_max: int | None = attribute(default=None, kw_only=True)
    processes_max: int | None = attribute(default=None, kw_only=True)
    cpus_max: float | None = attribute(default=None, kw_only=True)
    """Processor cores, also in parts."""
    disk_bytes_min: int | None = attribute(default=None, kw_only=True)
    """How much must stay free on the disk of the working folder; a command that takes more is ended."""
    fuel_max: int | None = attribute(default=None, kw_only=True)
    """Instructions of WebAssembly, about; the same in every run. Only the `wasm` sandbox counts them."""
    output_bytes_max: int = attribute(default=64 * 1024 * 1024, kw_only=True)
    """How much of stdout, and of stderr, is kept in memory and in the record; the rest is counted and dropped."""


class Guarantee(StrEnum):
    """What a sandbox holds against a hostile program."""

    FILES_READ = "files-read"
    FILES_WRITE = "files-write"
    NETWORK = "network"
    MEMORY = "memory"
    PROCESSES = "processes"
    SIGNALS = "signals"


class Cell(Prefab, frozen=True):
    """One command as it is to be run: with absolute paths, in `cwd`, with nothing but `env` as its environment.

    `reads` are the paths it may read besides the system's own, `writes` those it may also write.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    limits: Limits = Limits()
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    network: bool = False
    gpus: int = 0
    image: str = ""
    """The container's root: `name@sha256:…`, or a folder; empty is this machine's own programs."""


class Lodging(Prefab, frozen=True):
    """What starts a cell's command in a sandbox that was made ready ahead, a berth."""

    keeper: tuple[str, ...]
    """The program that makes berths of that kind."""
    argv: tuple[str, ...]
    grants: tuple[tuple[str, bool], ...]
    """What is granted, outer folders first, and whether it may be written."""
    processes_max: int | None = None
    """How many processes the command may have beside the berth's own, where the berth itself holds that."""


class Launch(Prefab, frozen=True):
    """A cell as a sandbox starts it: another argv that ends in running the cell's own."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    wrappers: int = 0
    """How many processes of the sandbox's own stand above the command: they are not asked to end, the command is."""
    complaint: bytes = b""
    """What the sandbox's own message on stderr begins with when it could not start the command."""
    complaint_codes: tuple[int, ...] = ()
    """The exit codes that come with that message; empty is any but 0."""
    after: tuple[str, ...] = ()
    """A command that ends what the launch's own end may leave running, for sandboxes whose work is done elsewhere."""
    limited: bool = False
    """The sandbox itself holds the limits on memory, processors and processes."""
    processes_held: bool = False
    """The sandbox itself holds the limit on processes."""
    zygote: tuple[str, ...] = ()
    """The same with a warm interpreter instead of the command; it forks `forked`, the command without its program."""
    forked: tuple[str, ...] = ()
    given: bytes = b""
    """The content of a file that only this user can read, for as long as the command runs; `{given}` in `argv` is its
    path. What no one else may see does not stand in a command line."""
    lodging: Lodging | None = None
    """How the command is started where a berth is ready."""
    told: bytes = b""
    """What the sandbox's own program reads from a descriptor; `{told}` in `argv` is its number."""


class Built(Prefab, frozen=True):
    """A module that is ready to start, or why it is not.

    `command` and `env` are final, without placeholders; the module's own arguments and environment come after.
    `reads` are the paths outside the project that the command needs (the interpreter's installation, the artifact's
    folder, the environment, TARS's start programs): a sandbox must let the command read them.
    """

    ok: bool
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = attribute(default_factory=dict)
    artifact: Path | None = None
    environment: Path | None = None
    key: str = ""
    cached: bool = True
    """True where no step was run: nothing to build, or built before."""
    seconds: float = 0.0
    log: bytes = b""
    outcome: "Outcome | None" = None
    """Of the step that failed, else of the last one; None where none was run."""
    diagnostics: tuple[Diagnostic, ...] = ()
    reads: tuple[Path, ...] = ()
    unforeseen: Mapping[str, Digest] | None = None
    """What the steps read of the project besides `plan.reads`, where that is other than an earlier build told."""
    refusal: str = ""
    """Why the artifact, though built, cannot be started on this machine; empty where it can."""


class Stop(StrEnum):
    """Why a command ended."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    DISK = "disk"
    CANCELLED = "cancelled"
    NOT_STARTED = "not-started"


class Outcome(Prefab, frozen=True):
    """What came of a command. A program that fails is an outcome, not an exception."""

    stop: Stop
    code: int
    """The exit code; minus the signal's number where one ended it; 127 where it could not be started."""
    stdout: bytes
    stderr: bytes
    seconds: float
    stdout_dropped_bytes: int = 0
    stderr_dropped_bytes: int = 0
    detail: str = ""
    """One sentence on a stop that is not an exit."""

    @property
    def ok(self) -> bool:
        return self.stop is Stop.EXIT and self.code == 0


Watch = Callable[[Literal["stdout", "stderr"], bytes], None]
"""Called with output as it comes, from the thread that runs the cell. Raising stops the command."""
