"""What a run will do, before anything is run: which modules, with which tools and sandboxes, and from what grounds."""

from collections.abc import Callable, Iterable, Mapping

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import InputError, TarsError, UnavailableError, UsageError
from tars.core.near import close_matches
from tars.core.values import Digest, Severity
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded, Metascript, Module
from tars.runner.building.build import build_key, source_of
from tars.runner.building.sources import ProjectFiles
from tars.runner.building.tools import deciding, detect, missing_message
from tars.runner.building.unforeseen import foreseeing
from tars.runner.events import Notice, Options
from tars.runner.execute import Task
from tars.runner.inputs import memory_ground
from tars.runner.keys import grounds, key_of
from tars.runner.pins import original, pinned
from tars.runner.sandbox import SANDBOXES, Policy, Sandbox, choose
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import WASM_HOST, Found, Source, Tool
from tars.runner.workspace import STATE, Workspace
from tars.store import Store
from tars.store.versions import resolve


class Missing(Prefab, frozen=True):
    """Why a module cannot run on this machine."""

    message: str
    hint: str = ""


class Planner(Prefab):
    """Turns modules into tasks; what it finds out about the machine it finds out once."""

    workspace: Workspace
    metascript: Metascript
    options: Options
    lines: Callable[[Module], str]
    """The place of a module's block, as `scaffold.tars:31`."""
    tools: dict[Tool, Found | None] = attribute(default_factory=dict)
    listing: ProjectFiles = attribute(init=False)
    memory: dict[str, str] = attribute(init=False)
    """What every module can read of what is known, as a ground of its result; empty where nothing is."""
    sandboxes: dict[tuple[tuple[str, ...], Policy], tuple[Sandbox, tuple[str, ...]] | Missing] = attribute(
        default_factory=dict
    )

    def __prefab_post_init__(self) -> None:
        self.memory = memory_ground(self.metascript)
        self.listing = ProjectFiles(self.workspace.project, frozenset((self.metascript.settings.output,)))

    def missing(self, module: Module) -> Missing | None:
        """What this machine lacks for the module, found before anything runs."""
        source = source_of(module, self.workspace.project, files=self.listing)
        found = self._found(module, source)
        if isinstance(found, Missing):
            return found
        sandbox = self._sandbox(module, source)
        return sandbox if isinstance(sandbox, Missing) else None

    def task(self, module: Module, number: int, outputs: Mapping[str, tuple[str, ...]]) -> Task:
        """The module as it would run now; `outputs` are the paths that the modules before it wrote.

        Raises `TarsError` where its source or its inputs make that impossible, and `UnavailableError` where the
        machine does.
        """
        return self.task_of(pinned(module, self.workspace), number, outputs)

    def task_of(self, module: Module, number: int, outputs: Mapping[str, tuple[str, ...]]) -> Task:
        """As `task`, of a module whose pin, if it has one, was laid out."""
        toolchain = TOOLCHAINS.load(module.language)
        source = source_of(module, self.workspace.project, files=self.listing)
        found = self._found(module, source)
        chosen = self._sandbox(module, source)
        for lack in (found, chosen):
            if isinstance(lack, Missing):
                raise UnavailableError(lack.message, hint=lack.hint)
        assert not isinstance(found, Missing)
        assert not isinstance(chosen, Missing)
        plan = foreseeing(toolchain.plan(source, found), source, self.workspace.project)
        files = self.workspace.files
        needed = {address: outputs[address] for address in module.needs if address in outputs}
        rests_on = {**grounds(module, plan, found, files, needed), **self.memory}
        build = build_key(
            source, plan, found, lambda path: Digest(rests_on.get(f"source {original(path)}") or files.digest_of(path))
        )  # fmt: skip
        sandbox, reasons = chosen
        key = key_of(rests_on)
        return Task(
            module, toolchain, source, plan, found, sandbox, reasons, rests_on, key, build, needed, number, ""
        )  # fmt: skip

    def watched(self) -> list[str]:
        """The tools that were found, and the files and folders whose change may lead to others."""
        found = [tool.path for tool in self.tools.values() if tool is not None]
        return [*found, *deciding(self.workspace.project)] if found else []

    def notices(self) -> list[Notice]:
        """What the user should know once: sandboxes that were asked for and cannot be had."""
        messages: dict[str, None] = {}
        for chosen in self.sandboxes.values():
            if not isinstance(chosen, Missing):
                messages |= dict.fromkeys(f"sandbox `{chosen[0].name}` is used: {reason}" for reason in chosen[1])
        return [Notice(message, "`tarscli doctor` shows what each sandbox needs") for message in messages]

    def _found(self, module: Module, source: Source) -> dict[str, Found] | Missing:
        project = self.workspace.project
        found: dict[str, Found] = {}
        try:
            tools = TOOLCHAINS.load(module.language).tools(source)
        except UnavailableError as error:  # a plug-in of another package that does not work
            return Missing(f"{error.message} (needed by {module.address}, {self.lines(module)})", error.hint)
        for tool in tools:
            if tool not in self.tools:
                self.tools[tool] = detect(tool, project)
            have = self.tools[tool]
            if have is None:
                return Missing(missing_message(tool, module, self.lines(module), project))
            found[tool.name] = have
        return found

    def _sandbox(self, module: Module, source: Source) -> tuple[Sandbox, tuple[str, ...]] | Missing:
        chain = self.options.sandbox or module.sandbox or self.metascript.settings.sandbox
        if among := self.options.among:
            chain = tuple(name for name in chain if name in among) or among[:1]
        policy = Policy(
            module.resources,
            wasm="wasm" in chain and self._is_wasm(module, source),
            script="hyperlight" in chain and _is_script(module, source),
        )
        asked = (chain, policy)
        if asked not in self.sandboxes:
            try:
                self.sandboxes[asked] = choose(chain, policy)
            except UnavailableError as error:
                self.sandboxes[asked] = Missing(f"{module.address}: {error.message}", error.hint)
        return self.sandboxes[asked]

    def _is_wasm(self, module: Module, source: Source) -> bool:
        """Whether the module's command is TARS's own host of WebAssembly; the toolchain's plan tells."""
        found = self._found(module, source)
        if isinstance(found, Missing):
            return False
        try:
            plan = TOOLCHAINS.load(module.language).plan(source, found)
        except TarsError:
            return False  # What is wrong with its source is told when it is planned to run.
        return any(word.endswith(f"/{WASM_HOST}") for word in plan.command.argv)

    def renew(self) -> None:
        """Forgets the listing of the project's folders: a module has moved its outputs in, which may be sources."""
        self.listing.renew()


def _is_script(module: Module, source: Source) -> bool:
    """Whether a lone Python file is run as a program: nothing beside it, no function of it, no environment."""
    alone = not source.is_folder and not module.entry_point and not module.environment and not module.inputs
    return module.language == "python" and alone


def load_first(options: Options) -> tuple[Metascript, Loaded] | None:
    """The metascript where its project is none yet, so that one with errors does not make it one; else None.

    Raises `InputError` as `load_metascript` does.
    """
    return None if (options.project / STATE).exists() else load_metascript(options, None)


def load_metascript(options: Options, store: Store | None) -> tuple[Metascript, Loaded]:
    """The metascript of a run; without a store no version is known.

    Raises `InputError` with all findings where it has errors.
    """

    def resolve_version(pin: str) -> str | None:
        if store is None:
            return None
        try:
            number, state = resolve(store, pin)
        except UsageError:
            return None
        return f"{state.name}@v{number}"

    loaded = load(
        options.path,
        project=options.project,
        languages=TOOLCHAINS,
        variables=options.variables,
        resolve_version=resolve_version,
        sandboxes=SANDBOXES,
        around=Around(recall=options.recall, believed=options.believed),
    )
    if loaded.metascript is None:
        count = sum(finding.severity is Severity.ERROR for finding in loaded.diagnostics)
        what = "1 error" if count == 1 else f"{count} errors"
        raise InputError(f"{options.path.name} has {what}; nothing was run", loaded.diagnostics)
    return loaded.metascript, loaded


def place_of(loaded: Loaded) -> Callable[[Module], str]:
    """A function that names the place of a module's block as `file:line`."""

    def place(module: Module) -> str:
        text = loaded.texts.get(module.span.path, "")
        return f"{module.span.path}:{text.count(chr(10), 0, module.span.start) + 1}"

    return place


def select(metascript: Metascript, options: Options) -> tuple[Module, ...]:
    """The modules that a run is about, in the metascript's order. Raises `UsageError` for a name that is not there."""
    modules = metascript.modules
    if not options.only and not options.start_from:
        return modules
    chosen = {address for name in options.only for address in _named(name, modules)}
    if options.with_needs:
        for module in reversed(modules):
            if module.address in chosen:
                chosen.update(module.needs)
    started = {address for name in options.start_from for address in _named(name, modules)}
    for module in modules:
        if started.intersection(module.needs):
            started.add(module.address)
    if options.start_from:
        chosen = chosen & started if options.only else started
    return tuple(module for module in modules if module.address in chosen)


def _named(name: str, modules: Iterable[Module]) -> list[str]:
    modules = tuple(modules)
    found = [module.address for module in modules if name in (module.address, module.name)]
    if not found:
        names = [module.name for module in modules]
        near = close_matches(name, names, n=1)
        known = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        hint = f"did you mean `{near[0]}`?" if near else f"its modules: {known or 'none'}"
        raise UsageError(f"the metascript has no module `{name}`", hint=hint)
    return found
