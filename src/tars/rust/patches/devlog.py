"""The DevLogs that the project's journal keeps, found by episode or patch and read as a diary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.episode.journal import ENDED, interrupted, read_log, read_recording
from tars.rust.mending.actions import Action, print_action
from tars.rust.patches.review import KEPT
from tars.rust.schemas import checked
from tars.store import Entry, Store

_PREFIX_MIN = 4
_WHAT: Final[Mapping[str, str]] = {
    "sense": "Sense",
    "plan": "Plan",
    "probe": "Probe",
    "propose": "Propose",
    "validate": "Validate",
    "reflect": "Reflect",
    "rollback": "Roll back",
    "remember": "Remember",
    "end": "End",
}


class Episode(Prefab, frozen=True):
    """One episode, as the journal has it. `subject` is what it was about; `status` is empty while it has no end: it
    goes on, or was killed."""

    id: str
    time: float
    subject: str
    goal: str
    status: str = ""
    why: str = ""
    probes: int = 0
    tried: int = 0
    seconds: float = 0.0
    entry: Entry | None = None


def episodes(store: Store) -> Iterator[Episode]:
    """Every episode of the project that has ended, the newest first."""
    return (_episode(entry) for entry in store.entries(kind=ENDED, newest_first=True))


def unfinished(store: Store) -> list[Episode]:
    """Those that have no end."""
    return [
        Episode(entry.run, entry.time, entry.subject, str(entry.body["goal"]), entry=None)
        for entry in interrupted(store)
    ]


def find(store: Store, given: str) -> Episode:
    """The ended episode of that id or its beginning, or that found the patch of that id.

    Raises `UsageError` where there is none, or several.
    """
    runs = dict.fromkeys(entry.run for entry in store.entries(kind=ENDED))
    matching = [run for run in runs if len(given) >= _PREFIX_MIN and run.startswith(given)]
    if not matching and len(given) >= _PREFIX_MIN:
        patches = store.entries(kind=KEPT, newest_first=True)
        matching = [entry.run for entry in patches if entry.subject.startswith(given) and entry.run in runs][:1]
    if len(matching) != 1:
        listed = ", ".join(run[:8] for run in list(runs)[-5:])
        what = "several episodes begin" if matching else "there is no episode or patch that begins"
        hint = f"the last ones are {listed}; `tarscli rust log` lists all" if listed else "`tarscli rust fix` makes one"
        raise UsageError(f"{what} with `{given}`", hint=hint)
    return _episode(next(store.entries(kind=ENDED, run=matching[0], newest_first=True)))


def steps_of(store: Store, episode: Episode) -> list[Mapping[str, Any]]:
    """The steps of its DevLog. Raises `TarsError` where one is not of the schema `devlog_entry`."""
    assert episode.entry is not None
    steps = cast(Sequence[Mapping[str, Any]], read_log(store, episode.entry)["steps"])
    return [checked("devlog_entry", step) for step in steps]


def observations_of(store: Store, episode: Episode) -> list[Json]:
    """What the tools answered, in the order of its probes. Raises as `steps_of` does, for the schema `observation`."""
    assert episode.entry is not None
    recording = read_recording(store, episode.entry)
    for one in recording:
        assert isinstance(one, dict)
        checked("observation", one)
    return recording


def diary(episode: Episode, steps: Sequence[Mapping[str, Any]], cited: Callable[[str], str]) -> Iterator[str]:
    """The episode as lines for a person: what was sensed, decided, asked, proposed and judged, with what it rests on.

    `cited` says of a citation where it is and that it holds, or why not.
    """
    yield f"Goal: {episode.goal}"
    last = ""
    for step in steps:
        state = str(step["state"])
        if state != last:
            yield ""
            yield f"{_WHAT[state]}"
            last = state
        yield f"  {float(step['seconds']):7.2f} s  {_indented(str(step['text']))}"
        if action := step.get("action"):
            made = Action(str(action["tool"]), tuple(action["arguments"].items()))
            yield f"             {print_action(made)}"
        if step.get("observation"):
            yield f"             observation {str(step['observation'])[:12]}"
        if step.get("change"):
            yield f"             change {str(step['change'])[:12]}, by {step.get('producer', '')}"
        for citation in step.get("citations", ()):
            yield f"             cites {cited(str(citation))}"
    yield ""
    yield f"{episode.status or 'It has no end'}: {_indented(episode.why)}"
    yield f"Probes: {episode.probes}; changes judged: {episode.tried}; seconds: {episode.seconds:.2f}"


def _indented(text: str) -> str:
    """Its further lines below the first, so that none of them looks like one of the diary's own."""
    return text.replace("\n", f"\n{' ' * 13}")


def _episode(entry: Entry) -> Episode:
    body = cast(Mapping[str, Any], entry.body)
    return Episode(
        entry.run, entry.time, entry.subject, str(body["goal"]), str(body["status"]), str(body["why"]),
        int(body["probes"]), int(body["tried"]), float(body["seconds"]), entry,
    )  # fmt: skip
