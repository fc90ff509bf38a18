"""A metascript as something that can be evolved: its candidates run headless, and must make what the version before
makes. Built-in metrics: `execution_time_ms`, `rerun_time_ms` and `findings`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.core.values import Diagnostic, Digest, Severity
from tars.evolve.errors import PatchError
from tars.evolve.judging.guarded import digests_of, rule_pack
from tars.evolve.judging.user_rules import UserRules
from tars.evolve.metascripts.graph import apply_to_metascript
from tars.evolve.metascripts.headless import Simulated, Simulation, loaded, simulate
from tars.evolve.patch import Patch
from tars.evolve.rule import Change, findings_of
from tars.evolve.values import WORST, Figures
from tars.lang.meaning.context import Around
from tars.lang.values import Loaded, PathInput

METRICS: Final = ("execution_time_ms", "rerun_time_ms", "findings")
ERROR, WARNING = 1.0, 0.1
SLOWER_MAX, START_SECONDS = 10.0, 10.0
"""A candidate may take so many times as long as the version before, and so much longer."""


class MetascriptSubject(Prefab):
    """`path` is relative to the project. Runs are made one after another where time is the metric: two at once would
    measure each other."""

    project: Path
    path: str
    before: str
    metric: str
    folder: Path
    rules: UserRules | None = None
    watched: tuple[Path, ...] = ()
    around: Around = attribute(default_factory=Around)
    language: str = "tars"
    cancel: Event = attribute(default_factory=Event)
    _loaded: dict[str, Loaded] = attribute(default_factory=dict)
    _expected: Simulated | None = None
    _running: Lock = attribute(default_factory=Lock)

    @property
    def name(self) -> str:
        return self.path

    @property
    def exact(self) -> bool:
        return self.metric == "findings"

    def apply(self, text: str, patch: Patch) -> str:
        after = apply_to_metascript(text, patch)
        if after == text:
            raise PatchError("the patch changes nothing")
        return after

    def findings(self, before: str, after: str) -> Sequence[Diagnostic]:
        change = Change("tars", before, after, path=self.path, old=self.meaning(before), new=self.meaning(after))
        found = findings_of(change)
        if found or self.rules is None:
            return found
        return self.rules.findings(before, after)

    def diagnostics(self, text: str) -> Sequence[Diagnostic]:
        return self.meaning(text).diagnostics

    def meaning(self, text: str) -> Loaded:
        if text not in self._loaded:
            self._loaded[text] = loaded(self.project, self.path, text, self.around)
        return self._loaded[text]

    def screen(self, text: str, worker: int, floor: float = WORST) -> Figures:
        if self.metric == "findings":
            return self._counted(text)
        return self._timed(text)

    def confirm(self, text: str, seed: int) -> Figures:
        if self.metric != "findings":
            return self._timed(text)
        figures = self._counted(text)
        if figures.fault or self.meaning(text).metascript is None:
            return figures
        with self._running:
            ran = self._ran(text)
        return Figures(fault="run", text=ran.failure, seconds=ran.seconds) if ran.failure else figures

    def guarded(self) -> Mapping[str, Digest]:
        """All rules, and the sources and inputs that candidates run with: the project's own."""
        return digests_of((*rule_pack(), *(path.resolve() for path in (*self.watched, *self._named()))))

    def _named(self) -> list[Path]:
        """The files that the version before names, but for what its modules make."""
        metascript = self.meaning(self.before).metascript
        modules = metascript.modules if metascript is not None else ()
        paths = {module.source for module in modules if module.source}
        paths |= {one.path for module in modules for one in module.inputs if isinstance(one, PathInput)}
        paths -= {path for module in modules for path in module.outputs}
        return sorted(file for path in paths if (file := self.project / path).is_file())

    def close(self) -> None:
        if self.rules is not None:
            self.rules.close()

    def _ran(self, text: str, *, again: bool = False) -> Simulated:
        """Much slower than the version before is as bad as never. Raises `TarsError` where it is interrupted."""
        most = SLOWER_MAX * self._expected.seconds + START_SECONDS if self._expected is not None else 0.0
        how = Simulation(again, around=self.around, seconds_max=most, cancel=self.cancel)
        ran = simulate(self.project, self.path, text, self.folder, how)
        if self.cancel.is_set() and ran.failure:
            raise TarsError("interrupted; every candidate that was told of is recorded", hint="go on with `--resume`")
        return ran

    def _found(self, text: str) -> float:
        weights = {Severity.ERROR: ERROR, Severity.WARNING: WARNING}
        return sum(weights.get(one.severity, 0.0) for one in self.diagnostics(text))

    def _counted(self, text: str) -> Figures:
        return Figures(-self._found(text))

    def _timed(self, text: str) -> Figures:
        if self.meaning(text).metascript is None:
            first = self.meaning(text).diagnostics[0]
            return Figures(fault="findings", text=f"{first.code}: {first.message}")
        again = self.metric == "rerun_time_ms"
        with self._running:
            if self._expected is None:
                self._expected = self._ran(self.before)
            ran = self._ran(text, again=again)
        if ran.failure:
            return Figures(fault="timeout" if ran.late else "run", text=ran.failure, seconds=ran.seconds)
        expected = self._expected
        declared = expected.results or ran.results
        wanted = {path: digest for path, digest in expected.outputs.items() if not declared or path in ran.outputs}
        wrong = [path for path, digest in wanted.items() if ran.outputs.get(path) != digest]
        if wrong or ran.results != expected.results:
            named = wrong[0] if wrong else "a result"
            return Figures(
                fault="regression", text=f"{named} is not what the version before makes", seconds=ran.seconds
            )
        took = ran.again_seconds if again else ran.seconds
        return Figures(-1000 * took, ran.seconds, others={"findings": self._found(text)})
