"""Whose the paths of a project are: what no module may write, and which module writes what in a run."""

from collections.abc import Iterable, Iterator

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.lang.values import Module, Settings


class Claims(Prefab):
    """One run's knowledge of who writes what; any thread may ask. `texts` are the paths of the metascript's files,
    `declared` the outputs and artifacts that modules declare, each with the module's address."""

    settings: Settings
    texts: frozenset[str] = frozenset()
    sources: dict[str, Module] = attribute(default_factory=dict)
    schemas: dict[str, str] = attribute(default_factory=dict)
    """The files that outputs are judged by, each with the address of a module that names it."""
    declared: dict[str, str] = attribute(default_factory=dict)
    delivered: dict[str, str] = attribute(default_factory=dict)
    """What was written in this run, or stands for it from an earlier one, each with the module's address."""

    def take(self, address: str, paths: Iterable[str]) -> list[str]:
        """Gives the paths to the module, all of them or none; a sentence for each that it may not have."""
        paths = list(paths)
        findings = [finding for path in paths if (finding := self._refusal(address, path))]
        if findings:
            return findings
        for path in paths:  # in one step each: another thread may be about to take the same
            owner = self.delivered.setdefault(path, address)
            if owner != address:
                return [_is_of(path, owner)]
        return []

    def _refusal(self, address: str, path: str) -> str:
        kept = self.settings.kept(path)
        if kept:
            return f"its output {path} is in {kept}, which is not for agents"
        if path in self.texts:
            return f"its output {path} is a file of the metascript"
        if path in self.schemas:
            return f"its output {path} is the output schema of {self.schemas[path]}"
        source = self.sources.get(path)
        if source is not None and address not in source.needs:  # what an earlier module writes may be run
            return f"its output {path} is the source of {source.address}"
        owner = next((self.declared[outer] for outer in _outwards(path) if outer in self.declared), address)
        owner = self.delivered.get(path, address) if owner == address else owner
        return "" if owner == address else _is_of(path, owner)


def claims_of(settings: Settings, modules: Iterable[Module], texts: Iterable[str]) -> Claims:
    """What a metascript says of it, before anything runs."""
    claims = Claims(settings, frozenset(texts))
    for module in modules:
        if module.source:
            claims.sources.setdefault(module.source, module)
        if isinstance(module.output_schema, str):
            claims.schemas.setdefault(module.output_schema, module.address)
        for path in (*module.outputs, *([module.artifact] if module.artifact else [])):
            claims.declared.setdefault(path.rstrip("/"), module.address)
    return claims


def _outwards(path: str) -> Iterator[str]:
    """The path and the folders that it is in, the nearest first."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _is_of(path: str, owner: str) -> str:
    return f"{path} is an output of {owner} already; each module needs paths of its own"
