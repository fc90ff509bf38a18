"""What the project's journal keeps of evolutions: how a session began, each candidate as soon as it is known, the end.

`evolve-started`   key: the session; body: the settings, the digests of what judges, the version before
`evolve-plan`      key: the session; body: what the analysis found, and the plan that was made of it
`evolve-candidate` key: `SESSION/NUMBER`; body: parents, producer, figures; one object: the patches of all that were
                   recorded in one act, in which this one has the place `place`
`evolve-verdict`   key: `SESSION/NUMBER`; what the gates said of a candidate that was put forward
`evolve-ended`     key: the session; why it ended, and what it used up
`evolve-version`   key: the session; the candidate that became a version, and its number
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import CorruptError, UsageError
from tars.core.values import Digest, Json
from tars.evolve.patch import Patch, digest_of, read_patch
from tars.evolve.values import WORST, Candidate, Figures
from tars.store import Entry, Store
from tars.store.retention import let_go_of

STARTED: Final = "evolve-started"
PLAN: Final = "evolve-plan"
CANDIDATE: Final = "evolve-candidate"
VERDICT: Final = "evolve-verdict"
ENDED: Final = "evolve-ended"
VERSION: Final = "evolve-version"
CARRY_CHARACTERS_MAX: Final = 20_000


class Session(Prefab, frozen=True):
    """One evolution in the journal. `target` is the path of what is evolved, relative to the project."""

    id: str
    target: str
    settings: Mapping[str, Any]
    guarded: Mapping[str, str]
    text: str
    time: float = 0.0


class Kept(Prefab, frozen=True):
    """A candidate as the journal has it: everything but its text, which its patch and its parent give. `pruned` says
    that its patch was let go of: then that is empty."""

    number: int
    digest: str
    parents: tuple[int, ...]
    producer: str
    patch: Patch
    figures: Figures
    pruned: bool = False


def begin(store: Store, target: str, settings: Mapping[str, Json], guarded: Mapping[str, Digest], text: str) -> Session:
    """A new session, durable when this returns."""
    session = Session(secrets.token_hex(5), target, settings, dict(guarded), text)
    body: dict[str, Json] = {
        "target": target, "settings": dict(settings), "guarded": dict(guarded),
        "objects": {"before": store.objects.put(text.encode("utf-8", "surrogatepass"))},
    }  # fmt: skip
    with store.transaction() as transaction:
        transaction.append(STARTED, body, subject=target, key=session.id, run=session.id)
    return session


def keep(store: Store, session: Session, candidates: Iterable[Candidate]) -> None:
    """Candidates whose figures are known: durable, all or none, when this returns. They share one object, for making a
    file costs more than all else that is recorded of a candidate."""
    listed = list(candidates)
    if not listed:
        return
    contents = json.dumps([_content(one) for one in listed], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with store.transaction() as transaction:
        held = store.objects.put(contents.encode("utf-8", "surrogatepass"))
        for place, one in enumerate(listed):
            body: dict[str, Json] = {
                "parents": [*one.parents], "producer": one.producer, "digest": digest_of(one.text),
                "figures": _figures_json(one.figures), "place": place, "objects": [held],
            }  # fmt: skip
            key = f"{session.id}/{one.number}"
            transaction.append(CANDIDATE, body, subject=session.target, key=key, run=session.id)


def note(store: Store, session: Session, kind: str, body: Mapping[str, Json], number: int | None = None) -> None:
    """An entry of the session that names no object."""
    key = session.id if number is None else f"{session.id}/{number}"
    with store.transaction() as transaction:
        transaction.append(kind, body, subject=session.target, key=key, run=session.id)


def sessions(store: Store, target: str = "") -> Iterator[Session]:
    """All sessions, the newest first."""
    for entry in store.entries(kind=STARTED, subject=target, newest_first=True):
        yield _session(store, entry)


def session_of(store: Store, id: str = "", target: str = "") -> Session:
    """The session of that id or its beginning, else the newest. Raises `UsageError` where there is none."""
    for entry in store.entries(kind=STARTED, subject=target, newest_first=True):
        if not id or entry.key.startswith(id):
            return _session(store, entry)
    named = f"session `{id}`" if id else "evolution"
    raise UsageError(f"this project has had no {named}", hint="begin one: `tarscli evolve TARGET --metric FILE.py`")


def ended(store: Store, session: Session) -> Mapping[str, Json] | None:
    """How the session ended; None where it goes on, or was killed."""
    entry = store.latest(ENDED, key=session.id)
    return None if entry is None else entry.body


def kept_of(store: Store, session: Session) -> dict[int, Kept]:
    """Every candidate of the session, by its number."""
    found: dict[int, Kept] = {}
    read: dict[Digest, Any] = {}
    kept = let_go_of(store).get((CANDIDATE, session.id))
    for entry in store.entries(kind=CANDIDATE, run=session.id):
        number = int(entry.key.rpartition("/")[2])
        named = entry.body["objects"]
        assert isinstance(named, list)
        body: Any = entry.body
        if kept is not None and entry.number not in kept:
            found[number] = Kept(
                number, str(body["digest"]), tuple(body["parents"]), str(body["producer"]), Patch(()),
                _read_figures(body["figures"], {}), pruned=True,
            )  # fmt: skip
            continue
        digest = Digest(str(named[0]))
        if digest not in read:
            read.clear()
            read[digest] = json.loads(store.objects.get(digest))
        content = read[digest][body["place"]] if "place" in body else read[digest]
        found[number] = Kept(
            number, str(body["digest"]), tuple(body["parents"]), str(body["producer"]),
            read_patch(content["patch"])[0], _read_figures(body["figures"], content.get("carry", {})),
        )  # fmt: skip
    return found


def entries_of(store: Store, session: Session, kind: str) -> Iterator[Entry]:
    return store.entries(kind=kind, run=session.id)


def _content(one: Candidate) -> dict[str, Any]:
    """What the object holds of a candidate: its patch, and what it hands on."""
    assert one.patch is not None
    content: dict[str, Any] = {"patch": [op.to_json() for op in one.patch.ops]}
    if one.figures.carry:
        content["carry"] = dict(one.figures.carry)
    return content


def _figures_json(figures: Figures) -> dict[str, Json]:
    found: dict[str, Json] = {"seconds": round(figures.seconds, 6)}
    if figures.fault:
        return found | {"fault": figures.fault, "text": figures.text[:300]}
    found["score"] = figures.score
    if len(figures.samples) > 1:
        found["samples"] = [float(f"{one:.9g}") for one in figures.samples[:40]]
    if figures.others:
        found["others"] = {name: float(f"{value:.9g}") for name, value in figures.others.items()}
    return found


def _read_figures(body: Mapping[str, Any], carry: Mapping[str, Json]) -> Figures:
    return Figures(
        float(body.get("score", WORST)), float(body["seconds"]), str(body.get("fault", "")), str(body.get("text", "")),
        tuple(body.get("samples", ())), dict(body.get("others", {})), dict(carry),
    )  # fmt: skip


def _session(store: Store, entry: Entry) -> Session:
    body: Any = entry.body
    text = store.objects.get(Digest(body["objects"]["before"])).decode("utf-8", "surrogatepass")
    if not isinstance(body.get("settings"), dict):
        raise CorruptError(f"entry {entry.number} is no evolution", hint="run `tarscli store verify`")
    return Session(entry.key, str(body["target"]), body["settings"], body["guarded"], text, entry.time)
