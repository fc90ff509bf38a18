"""What the project's journal keeps of episodes: that one began, and, with its DevLog and its recording, how it ended.

A beginning without an end is an episode that was killed. Nothing needs to be mended then: episodes apply nothing.
"""

import json
import secrets
import zlib
from collections.abc import Iterator, Mapping

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import CorruptError
from tars.core.values import Digest, Json
from tars.episode.values import DevLog
from tars.store import Entry, Store

STARTED = "episode-started"
ENDED = "episode-ended"
_FORMAT = b"TER1"
"""The first bytes of a recording: the version of its format."""


class Journalled(Prefab, frozen=True):
    """The journal's side of one episode. `subject` is what it is about; `key` is the digest of what it rests on."""

    store: Store
    subject: str
    key: str = ""
    run: str = attribute(default_factory=lambda: secrets.token_hex(8))

    def started(self, goal: str) -> None:
        with self.store.transaction() as transaction:
            transaction.append(STARTED, {"goal": goal}, subject=self.subject, key=self.key, run=self.run)

    def ended(self, log: DevLog, recording: list[Json], change: Json) -> None:
        """Makes the end visible, with everything that it names, in one act."""
        kept: dict[str, Json] = {
            "log": self.store.objects.put(_encoded(log.to_json())),
            "recording": self.store.objects.put(_FORMAT + zlib.compress(_encoded(recording))),
        }
        body: dict[str, Json] = {
            "goal": log.goal, "status": log.status.value, "why": log.why, "probes": log.probes, "tried": log.tried,
            "seconds": round(log.seconds, 3), "change": change, "objects": kept,
        }  # fmt: skip
        with self.store.transaction() as transaction:
            transaction.append(ENDED, body, subject=self.subject, key=self.key, run=self.run)


def interrupted(store: Store, subject: str = "") -> Iterator[Entry]:
    """The beginnings of episodes that have no end: killed, or still going on."""
    ended = {entry.run for entry in store.entries(kind=ENDED, subject=subject)}
    return (entry for entry in store.entries(kind=STARTED, subject=subject) if entry.run not in ended)


def read_log(store: Store, entry: Entry) -> Mapping[str, Json]:
    """The DevLog of an ended episode, as `DevLog.to_json` made it."""
    read = json.loads(store.objects.get(_named(entry, "log")))
    assert isinstance(read, dict)
    return read


def read_recording(store: Store, entry: Entry) -> list[Json]:
    """What the probes of an ended episode answered, for a replay.

    Raises `CorruptError` where the recording is damaged, or of a format that this version cannot read.
    """
    digest = _named(entry, "recording")
    data = store.objects.get(digest)
    if not data.startswith(_FORMAT):
        raise CorruptError(f"recording {digest} has a format that this version cannot read", hint="update TARS")
    read = json.loads(zlib.decompress(data[len(_FORMAT) :]))
    assert isinstance(read, list)
    return read


def _named(entry: Entry, name: str) -> Digest:
    objects = entry.body.get("objects")
    if not isinstance(objects, dict) or not isinstance(digest := objects.get(name), str):
        raise CorruptError(f"entry {entry.number} names no {name}", hint="run `tarscli store verify`")
    return Digest(digest)


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")
