"""The fast path of a run in which nothing changed: one manifest, one `stat` per file, nothing else loaded.

The manifest is a text of lines, so that a stranger's project cannot make reading it do anything. Whatever it does not
prove makes `try_warm` answer None, and the ordinary path decides.
"""

import os
import sys
from time import perf_counter, time_ns

from tars import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # `collections` and `typing` would take longer than all else here
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FORMAT = f"tars-warm 1 {__version__} {sys.implementation.cache_tag}"
STATE = ".tars"
SETTLED_NS = 20_000_000
"""A digest is trusted only if the file was this much older than its reading: a later write within the same tick of
the file system's clock would leave the times as they were. Kernels tick every 1 to 10 ms."""
NAME_BYTES_MAX = 200
"""A longer name of a manifest is a digest instead: file systems allow 255 bytes, also for the name with an ending."""
VARIABLE = "TARS_VAR_"
JOURNAL_FORMAT = b"\0\0\0\x01"


def try_warm(argv: "Sequence[str]") -> int | None:
    """Exit code 0 where `tarscli run FILE` would find every module cached; None where that is not certain.

    `argv` begins with `run`; anything but a file, `--project` and `--quiet` is left to the ordinary path.
    """
    began = perf_counter()
    path, project, quiet = "", "", False
    words = iter(argv[1:])
    for word in words:
        if word == "--quiet":
            quiet = True
        elif word == "--project":
            project = next(words, "")
        elif word.startswith("-") or path:
            return None
        else:
            path = word
    path = os.path.abspath(path or _only_metascript())
    root = os.path.abspath(project) if project else _root_of(path)
    manifest = _manifest_path(root, os.path.relpath(path, root)) if root else ""
    summary = _proven(manifest, root) if _is_journal(os.path.join(root, STATE, "journal.db")) else None
    if summary is None:
        return None
    count, version, outputs = summary
    sys.stdout.write(outputs)
    if not quiet:
        modules = "1 module" if count == "1" else f"{count} modules"
        at = f" at v{version}" if version != "0" else ""
        sys.stderr.write(f"{modules}: all cached{at} ({perf_counter() - began:.3f} s)\n")
    return 0


def _only_metascript() -> str:
    names = [name for name in os.listdir() if name.endswith(".tars") and name != STATE]
    return names[0] if len(names) == 1 else ""


def _root_of(path: str) -> str:
    folder = os.path.dirname(path)
    while not os.path.isdir(os.path.join(folder, STATE)):
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent
    return folder


def _manifest_path(root: str, relative: str) -> str:
    name = relative.replace("%", "%25").replace(os.sep, "%2F")
    if len(encoded := os.fsencode(name)) > NAME_BYTES_MAX:
        from blake3 import blake3  # noqa: PLC0415 - most names are short

        name = f"%{blake3(encoded).hexdigest()}"
    return os.path.join(root, STATE, "cache", "warm", name)


def output_lines(outputs: "Mapping[str, object]") -> "Iterator[str]":
    """The values of a metascript's `output` blocks for people, a line each: text as it is, all else as JSON."""
    for name, value in outputs.items():
        yield f"{name} = {value if isinstance(value, str) and value.isprintable() else _json(value)}"


def _is_journal(path: str) -> bool:
    """Whether the journal looks like one that this TARS can read; what it holds is watched by `journal.head`."""
    try:
        with open(path, "rb", buffering=0) as file:
            header = file.read(72)
    except OSError:
        return False
    return header.startswith(b"SQLite format 3\0") and header[60:64] == JOURNAL_FORMAT and header[68:72] == b"TARS"


def _json(value: object) -> str:
    import json  # noqa: PLC0415 - the fast path does without

    return json.dumps(value, ensure_ascii=False)


def _proven(manifest: str, root: str) -> tuple[str, str, str] | None:
    """The number of modules, the version and the outputs, where every line of the manifest still holds."""
    try:
        with open(manifest, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    if len(lines) < 4 or lines[0] != FORMAT or lines[-1] != "end" or lines[2] != _surroundings(lines[3].split()):
        return None
    count, version = lines[1].split(" ")
    shown: list[str] = []
    began_ns, settled = time_ns(), False
    stat, join = os.stat, os.path.join
    for number, line in enumerate(lines[4:-1], 4):
        stamp, digest, path = line.split("\t", 2)
        if stamp == "output":
            shown.append(path + "\n")
            continue
        absolute = join(root, path)
        try:
            now = stat(absolute)
        except OSError:
            if stamp == "absent":
                continue
            return None
        if stamp != f"{now.st_size} {now.st_mtime_ns} {now.st_ctime_ns} {now.st_ino}":
            return None
        if digest:
            if _digest(absolute) != digest:
                return None
            lines[number] = f"{stamp}\t\t{path}"
            settled = True
    if settled:
        _settle(manifest, lines, began_ns)
    return count, version, "".join(shown)


def _settle(manifest: str, lines: list[str], read_ns: int) -> None:
    """Keeps that what was too new was read again at `read_ns`, if it was old enough then for its times to be trusted;
    the manifest is younger than all that it names."""
    try:
        if read_ns - os.stat(manifest).st_mtime_ns > SETTLED_NS:
            _replace(manifest, lines)
    except OSError:
        pass  # A project that cannot be written is only proven a little more slowly.


def _digest(path: str) -> str:
    """Read again what was too new to be trusted when the manifest was written."""
    from blake3 import blake3  # noqa: PLC0415 - most manifests need no digest at all

    names = names_in(path)
    if names is not None:
        return names_digest(names)
    try:
        with open(path, "rb") as file:
            return blake3(file.read()).hexdigest()
    except OSError:
        return ""


def names_in(folder: str) -> frozenset[str] | None:
    """The names in a folder; None where there is none that can be read."""
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return None


def names_digest(names: "Iterable[str]") -> str:
    """What the manifest keeps of a folder's listing."""
    from blake3 import blake3  # noqa: PLC0415 - as above

    return blake3("/".join(sorted(names)).encode(errors="surrogateescape")).hexdigest()


def _surroundings(names: "Iterable[str]") -> str:
    """What the meaning of a metascript takes from the environment, in one line."""
    environ = os.environ
    values = [f"{name}={environ[name]!r}" for name in sorted(environ) if name.startswith(VARIABLE)]
    values += [f"{name}={environ.get(name)!r}" for name in names]
    return " ".join([f"PATH={environ.get('PATH')!r}", *values])


def write_manifest(
    root: str,
    metascript: str,
    *,
    modules: int,
    version: int,
    outputs: "Mapping[str, object]",
    names: "Iterable[str]",
    stamps: "Iterable[tuple[str, str, str]]",
) -> None:
    """Keeps the proof that everything is cached: `stamps` are (stamp, digest or empty, path) of all that it rests on.
    Where it cannot be written, the next run takes the ordinary path.

    Paths are relative to `root`, or absolute; one with a tab or a line break in it makes the manifest impossible.
    """
    lines = [FORMAT, f"{modules} {version}", _surroundings(names := list(names)), " ".join(names)]
    lines += [f"output\t\t{line}" for line in output_lines(outputs)]
    for stamp, digest, path in stamps:
        if "\t" in path or "\n" in path:
            return
        lines.append(f"{stamp}\t{digest}\t{path}")
    if any("\n" in line for line in lines[:4]):
        return
    path = _manifest_path(root, metascript)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _replace(path, [*lines, "end"])
    except OSError:
        pass  # All that it would prove is done and committed.


def _replace(path: str, lines: list[str]) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("\n".join(lines))
    os.replace(temporary, path)
