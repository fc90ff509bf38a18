"""What an episode of mending asks of a workspace: every question is a probe, counted, recorded and replayable."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError
from tars.episode.budget import out_of_time
from tars.episode.values import Ask, Probe
from tars.rust.forms import Form
from tars.rust.mending.context import Ask as AskModel
from tars.rust.mending.context import Assist, Assists, Resources
from tars.rust.mending.looks import Looks, content_key
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, Place, Tested

T = TypeVar("T")
Files = Mapping[str, bytes]

CHECKED: Final = Form[Checked](Checked)
TESTED: Final = Form[Tested](Tested)
ANSWER: Final = Form[str](str)
ASSISTS: Final = Form[tuple[Assist, ...]](tuple[Assist, ...])
TYPES: Final = Form[tuple[str | None, ...]](tuple[str | None, ...])


class Senses:
    """Asks `looks`; in a replay there are none, since nothing is run. Raises `OverBudgetError` as `ask` does."""

    def __init__(self, ask: Ask, looks: Looks | None, *, lints: bool = False) -> None:
        self._ask = ask
        self._looks = looks
        self._tool = "clippy" if lints else "check"

    @property
    def jobs(self) -> int:
        """How many checks may go on at once."""
        return self._looks.checkers.jobs if self._looks is not None else 1

    def expect(self, several: Iterable[Files], tests: Sequence[str] | None = None) -> None:
        """What is likely to be checked next, or of what these tests are likely to be run."""
        if self._looks is not None:
            self._looks.expect(several, tests)

    def look(self) -> None:
        """Looks at the clock between probes, where what follows may take long."""
        self._ask.look()

    def check(self, files: Files, about: str) -> Checked:
        """What the compiler says of these files. `about` is what was changed in them."""
        run = self._running(lambda looks: replace(looks.check(files), seconds=0.0))
        return self._ask(_probe(self._tool, files), run, CHECKED, lambda checked: f"{about}: {_found(checked)}")

    def test(self, files: Files, names: Sequence[str] = (), about: str = "") -> Tested:
        """What the tests of these files find, or those of the `names`. `about` is what was changed in them."""
        run = self._running(lambda looks: replace(looks.test(files, names), seconds=0.0))
        some = {"names": " ".join(names)} if names else {}
        said = f"{about}: " if about else ""
        return self._ask(_probe("test", files, **some), run, TESTED, lambda tested: f"{said}{told_tests(tested)}")

    def types(self, files: Mapping[str, SourceFile], expressions: Sequence[Place]) -> Sequence[str | None]:
        """The types of expressions, in one probe."""
        places = " ".join(f"{one.path}:{one.start}-{one.end}" for one in expressions)
        probe = _probe("types", {path: file.data for path, file in files.items()}, places=places)
        run = self._running(lambda looks: looks.run(lambda checker: tuple(checker.types(files, expressions))))
        return self._ask(probe, run, TYPES, lambda found: f"types: {', '.join(one or '?' for one in found)}")

    def recorded(self, resources: Resources) -> Resources:
        """The same resources, whose answers are recorded too, and the clock."""
        ask, assists = resources.ask, resources.assists
        resources = replace(resources, look=self.look)
        if ask is not None:
            resources = replace(resources, ask=self._asking(ask))
        if assists is not None:
            resources = replace(resources, assists=self._assisting(assists))
        return resources

    def _asking(self, ask: AskModel) -> AskModel:
        def asking(prompt: str, schema: Mapping[str, object], *, seed: int) -> str:
            probe = Probe("model", {"prompt": hashlib.sha256(prompt.encode()).hexdigest()[:32], "seed": seed})
            return self._ask(probe, lambda: ask(prompt, schema, seed=seed), ANSWER, lambda said: "the model answers")

        return asking

    def _assisting(self, assists: Assists) -> Assists:
        def assisting(files: Mapping[str, SourceFile], place: Place) -> Sequence[Assist]:
            where = {"place": f"{place.path}:{place.start}-{place.end}"}
            probe = _probe("assists", {path: file.data for path, file in files.items()}, **where)
            titles = "the language server offers: "
            return self._ask(
                probe,
                lambda: self._in_time(lambda: tuple(assists(files, place)), "rust-analyzer"),
                ASSISTS,
                lambda found: titles + (", ".join(one.title for one in found) or "nothing"),
            )

        return assisting

    def _in_time(self, ask: Callable[[], T], who: str) -> T:
        """What is answered. Raises `OverBudgetError` where all that is left of the time went by."""
        assert self._looks is not None, "a replay runs nothing"
        meter = self._looks.meter
        try:
            answer = ask()
        except TarsError:
            if meter.seconds_left() > 0:
                raise
        else:
            if meter.seconds_left() > 0:
                return answer
        raise out_of_time(meter.budget, who)

    def _running(self, work: Callable[[Looks], T]) -> Callable[[], T]:
        looks = self._looks

        def run() -> T:
            assert looks is not None, "a replay runs nothing"
            return work(looks)

        return run


def told_tests(tested: Tested) -> str:
    """What a test run found, in a sentence."""
    if tested.failed:
        names = ", ".join(tested.failed[:3]) + (" …" if len(tested.failed) > 3 else "")
        return f"{len(tested.failed)} of {len(tested.failed) + len(tested.passed)} tests fail: {names}"
    if not tested.ok:
        lines = [line.strip() for line in tested.detail.splitlines() if line.strip()]
        told = next((line for line in lines if line.startswith(("error", "thread"))), lines[-1] if lines else "")
        return f"the tests could not be run: {told}"
    if len(tested.passed) == 1:
        return "1 test passes"
    return f"{len(tested.passed)} tests pass" if tested.passed else "there are no tests"


def _found(checked: Checked) -> str:
    if checked.detail:
        return "it could not be checked"
    errors = len(checked.errors)
    if not errors:
        warnings = len(checked.diagnostics)
        return "it builds" + (f", with {warnings} warning{'s' * (warnings > 1)}" if warnings else "")
    codes = ", ".join(dict.fromkeys(one.code or "no code" for one in checked.errors))
    return f"{errors} error{'s' * (errors > 1)} ({codes})"


def _probe(tool: str, files: Files, **more: str) -> Probe:
    return Probe(tool, {"files": content_key(files).hex()[:32], **more})
