"""Takes documents, crates and repositories from the sources that a project allows into its store, as snapshots.

The allow-list is the file `rust-sources.toml`: one table `[[source]]` for each, with a `name`, where it is `from` (a
folder, or the URL of an archive or file) and, if it is to be pinned, the `sha256` of what a URL gives.
"""

import hashlib
import io
import os
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError, UnavailableError, UsageError
from tars.core.values import Json
from tars.rust.evaluation.licences import licence_of
from tars.store import Entry, Leaf, Store
from tars.store.lock import Lock
from tars.store.tree import fault_of_path

SNAPSHOT: Final = "rust-snapshot"
ALLOW_LIST: Final = "rust-sources.toml"
BYTES_MAX: Final = 512 << 20
FILES_MAX: Final = 100_000
SECONDS_MAX: Final = 60.0
_LEFT_OUT: Final = frozenset({".git", ".hg", ".svn", ".jj", ".tars", "target", "node_modules"})
_KEYS: Final = frozenset({"name", "from", "sha256"})


class Source(Prefab, frozen=True):
    """One line of the allow-list. `place` is a folder, or a URL with `file`, `http` or `https`."""

    name: str
    place: str
    sha256: str = ""

    @property
    def is_remote(self) -> bool:
        return urlsplit(self.place).scheme in ("http", "https")


class Synced(Prefab, frozen=True):
    """What became of one source: `kept` is new, `unchanged` was kept before; `refused`, `failed`
    and `skipped` have a `why`."""

    name: str
    outcome: str
    why: str = ""
    licence: str = ""
    tree: str = ""
    files: int = 0
    bytes: int = 0


@contextmanager
def episode_lock(store: Store) -> Iterator[None]:
    """Held while an episode goes on: as long as any is, nothing is synced."""
    lock = Lock(store.root / "locks" / "rust-episodes")
    try:
        with lock.shared():
            yield
    finally:
        lock.close()


def sources_of(project: Path) -> tuple[Source, ...]:
    """The project's allow-list. Raises `UsageError` where there is none, or it cannot be read as one."""
    path = project / ALLOW_LIST
    try:
        listed = tomllib.loads(path.read_text("utf-8")).get("source", [])
    except FileNotFoundError:
        raise UsageError(
            f"there is no {path}, which would say what may be taken",
            hint='write `[[source]]`, `name = "…"`, `from = "…"`',
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="see the guide on Rust") from error
    if not isinstance(listed, list):
        raise UsageError(f"{path}: `source` is no list", hint="each source begins with the line `[[source]]`")
    found = tuple(_source(one, number, project) for number, one in enumerate(listed, 1))
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(f"{path} has two sources named `{twice}`", hint="give each a name of its own")
    return found


def sync(store: Store, sources: tuple[Source, ...], *, network: bool) -> Iterator[Synced]:
    """Takes each source into the store, one after the other. Without `network` what is remote is skipped.

    Raises `TarsError` where an episode goes on; what is wrong with one source is told in its outcome.
    """
    with Lock(store.root / "locks" / "rust-episodes").exclusive(seconds_max=0.0) as had:
        if not had:
            raise TarsError(
                "an episode is going on in this project, and nothing is synced during one", hint="wait for it to end"
            )
        for source in sources:
            if source.is_remote and not network:
                yield Synced(source.name, "skipped", "it is on the network; `--network` fetches it")
                continue
            try:
                yield _taken(store, source)
            except UnavailableError as error:
                yield Synced(source.name, "failed", error.message)
            except TarsError as error:
                yield Synced(source.name, "refused", error.message)


def snapshots(store: Store) -> Iterator[Entry]:
    """The newest snapshot of each source."""
    seen = set()
    for entry in store.entries(kind=SNAPSHOT, newest_first=True):
        if entry.subject not in seen:
            seen.add(entry.subject)
            yield entry


def _taken(store: Store, source: Source) -> Synced:
    files = _files(source)
    licence = licence_of(files)
    tree = {path: Leaf(store.objects.put(data), False, len(data)) for path, data in files.items()}
    digest = store.objects.put_tree(tree)
    size = sum(leaf.size for leaf in tree.values())
    before = store.latest(SNAPSHOT, subject=source.name)
    outcome = "unchanged" if before is not None and before.body["trees"] == [digest] else "kept"
    if outcome == "kept":
        body: dict[str, Json] = {
            "trees": [digest],
            "from": source.place,
            "licence": licence,
            "files": len(tree),
            "bytes": size,
        }
        with store.transaction() as tx:
            tx.append(SNAPSHOT, {**body, "files": len(tree), "bytes": size}, subject=source.name)
    return Synced(source.name, outcome, "", licence, digest, len(tree), size)


def _files(source: Source) -> dict[str, bytes]:
    parts = urlsplit(source.place)
    if source.is_remote:
        return _unpacked(source, _fetched(source.place))
    path = Path(url2pathname(parts.path)) if parts.scheme == "file" else Path(source.place)
    if path.is_dir():
        if source.sha256:
            raise TarsError("a folder has no `sha256`: only what is one file can be pinned")
        return _folder(path)
    try:
        return _unpacked(source, path.read_bytes())
    except OSError as error:
        raise TarsError(f"cannot read {path}: {error.strerror}") from error


def _folder(folder: Path) -> dict[str, bytes]:
    """Its regular files; links are not followed, and what version control and builds keep is left out."""
    found: dict[str, bytes] = {}
    size = 0
    for here, inner, names in os.walk(folder):
        inner[:] = sorted(one for one in inner if one not in _LEFT_OUT and not os.path.islink(os.path.join(here, one)))
        for name in sorted(names):
            place = Path(here) / name
            if place.is_symlink() or not place.is_file():
                continue
            try:
                data = place.read_bytes()
            except OSError as error:
                raise TarsError(f"cannot read {place}: {error.strerror}") from error
            size += len(data)
            _check_size(size, len(found))
            found[place.relative_to(folder).as_posix()] = data
    return found


def _fetched(url: str) -> bytes:
    """What the URL gives. A redirection must stay on the host that is allowed."""
    import urllib.request  # noqa: PLC0415 - slow to load, and only what is remote needs it

    class Staying(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *given: Any) -> Any:
            if urlsplit(given[-1]).netloc != urlsplit(url).netloc:
                raise TarsError(f"it redirects to {urlsplit(given[-1]).netloc}, which is not allowed")
            return super().redirect_request(*given)

    opener = urllib.request.build_opener(Staying())
    try:
        with opener.open(urllib.request.Request(url, headers={"User-Agent": "tars"}), timeout=SECONDS_MAX) as answer:
            data: bytes = answer.read(BYTES_MAX + 1)
    except OSError as error:
        raise UnavailableError(f"{url} cannot be fetched: {getattr(error, 'reason', error)}") from error
    _check_size(len(data), 0)
    return data


def _unpacked(source: Source, data: bytes) -> dict[str, bytes]:
    """The files of an archive, without the one folder that holds them all; anything else is one file."""
    if source.sha256 and hashlib.sha256(data).hexdigest() != source.sha256.lower():
        raise TarsError("it does not have the sha256 that the allow-list names")
    name = PurePosixPath(urlsplit(source.place).path).name
    try:
        if data[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7") or data[257:262] == b"ustar":
            found = dict(_tar(data))
        elif data[:2] == b"PK":
            found = dict(_zip(data))
        else:
            return {name or "file": data}
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise TarsError(f"{name} is a damaged archive: {error}") from error
    tops = {path.partition("/")[0] for path in found}
    if len(tops) == 1 and all("/" in path for path in found):
        found = {path.partition("/")[2]: data for path, data in found.items()}
    return found


def _tar(data: bytes) -> Iterator[tuple[str, bytes]]:
    size = count = 0
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if not member.isfile():
                continue
            size, count = size + member.size, count + 1
            _check_size(size, count)
            opened = archive.extractfile(member)
            assert opened is not None
            yield _safe(member.name), opened.read()


def _zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    size = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for count, member in enumerate(archive.infolist()):
            if member.is_dir():
                continue
            size += member.file_size
            _check_size(size, count)
            with archive.open(member) as opened:
                yield _safe(member.filename), opened.read(member.file_size + 1)[: member.file_size]


def _safe(path: str) -> str:
    plain = path.removeprefix("./")
    if fault := fault_of_path(plain):
        raise TarsError(f"it holds a file whose path {path!r} {fault}")
    return plain


def _check_size(size: int, count: int) -> None:
    if size > BYTES_MAX or count > FILES_MAX:
        raise TarsError(f"it is larger than {BYTES_MAX >> 20} MiB, or has more than {FILES_MAX:,} files")


def _source(body: object, number: int, project: Path) -> Source:
    where = f"{project / ALLOW_LIST}: source {number}"
    if not isinstance(body, Mapping) or not all(isinstance(value, str) for value in body.values()):
        raise UsageError(f"{where} is not made of texts", hint='for instance `from = "../docs"`')
    if unknown := sorted(body.keys() - _KEYS):
        raise UsageError(f"{where} has the unknown key `{unknown[0]}`", hint=f"known: {', '.join(sorted(_KEYS))}")
    name, place = str(body.get("name", "")).strip(), str(body.get("from", "")).strip()
    if not name or not place:
        raise UsageError(f"{where} needs `name` and `from`", hint='for instance `from = "../docs"`')
    scheme = urlsplit(place).scheme
    if scheme in ("http", "https", "file"):
        return Source(name, place, str(body.get("sha256", "")))
    if "://" in place:
        raise UsageError(
            f"{where}: `{scheme}` is no way to fetch", hint="use a folder, or file://, https:// or http://"
        )
    return Source(name, str(project / place), str(body.get("sha256", "")))
