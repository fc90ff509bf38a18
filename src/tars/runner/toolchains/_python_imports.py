"""Which of the project's own files a Python file imports, without running or fully parsing it."""

import re
from collections.abc import Iterator, Mapping

# It begins with plain text, so that Python searches for that at the speed of memory.
_IMPORT = re.compile(rb"import(?:[ \t]*(?P<inside>\([^()]*)|[ \t]+(?P<names>(?:[^\n;\\]|\\\r?\n)+))")
_FROM = re.compile(rb"\bfrom(?:[ \t]+|(?=\.))(?P<origin>[.\w][.\w \t]*)$")
LINE_BYTES_MAX = 1000
_NAME = re.compile(r"[\w.]+")
_COMMENT = re.compile(rb"#[^\n]*")


def imports_of(content: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The imports in a file: `("a.b", ())` for `import a.b`, and `(".a", ("x", "y"))` for `from .a import x, y`.

    It may see more than Python would (in strings and comments), never less: what it names counts only where it is a
    file of the project.
    """
    at = 0
    while (match := _IMPORT.search(content, at)) is not None:
        start = match.start()
        if start and (content[start - 1 : start].isalnum() or content[start - 1] == 0x5F):
            at = start + 6
            continue
        at = match.end()
        found = _FROM.search(_before(content, start))
        origin = found["origin"].replace(b" ", b"").replace(b"\t", b"") if found else b""
        names = match["inside"] or match["names"]
        if b"#" in names:
            names = _COMMENT.sub(b"", names)
        text = names.decode("utf-8", "replace").replace("\\", " ")
        parts = [part.split() for part in text.strip(" ()\r\n\t").split(",")]
        words = [part[0] for part in parts if part and _NAME.fullmatch(part[0])]
        if origin:
            yield origin.decode("utf-8", "replace"), tuple(words)
        else:
            yield from ((word, ()) for word in words)


def _before(content: bytes, start: int) -> bytes:
    """What stands before a place on its line, or on the one above where that is continued."""
    window = content[max(0, start - LINE_BYTES_MAX) : start]
    above, _, line = window.rpartition(b"\n")
    if not line.strip() and above.rstrip(b"\r").endswith(b"\\"):
        line = above.rstrip(b"\r\\").rpartition(b"\n")[2].rstrip()
    return line


def local_files(files: Mapping[str, bytes], path: str, base: str) -> tuple[str, ...]:
    """The file and all files of the project that it imports, directly or not, when `base` is on `sys.path`; sorted."""
    found = {path}
    waiting = [path]
    while waiting:
        current = waiting.pop()
        content = files[current]
        if b"import" not in content:
            continue
        folder = current.rpartition("/")[0]
        for origin, names in imports_of(content):
            for candidate in _candidates(origin, names, folder, base):
                if candidate not in found and candidate in files:
                    found.add(candidate)
                    waiting.append(candidate)
    return tuple(sorted(found))


def _candidates(origin: str, names: tuple[str, ...], folder: str, base: str) -> Iterator[str]:
    dotted = origin.lstrip(".")
    level = len(origin) - len(dotted)
    start = base
    if level:
        parts = folder.split("/") if folder else []
        if level - 1 > len(parts):
            return
        start = "/".join(parts[: len(parts) - level + 1])
    elif dotted.partition(".")[0] in _KNOWN_ELSEWHERE:
        return
    steps = dotted.split(".") if dotted else []
    for end in range(len(steps) + 1):
        yield from _module_files("/".join(filter(None, (start, *steps[:end]))), package_only=end < len(steps))
    for name in names:
        yield from _module_files("/".join(filter(None, (start, *steps, name))), package_only=False)


def _module_files(stem: str, package_only: bool) -> Iterator[str]:
    if stem:
        if not package_only:
            yield f"{stem}.py"
        yield f"{stem}/__init__.py"


# Asking the disk for each of these in every file would cost more than all else; they are found before any file.
_KNOWN_ELSEWHERE = frozenset(
    {"sys", "builtins", "time", "itertools", "marshal", "gc", "errno", "posix", "nt", "_thread"}
)
