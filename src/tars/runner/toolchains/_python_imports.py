"""Which of the project's own files a Python file imports, without running or fully parsing it."""

import re
from collections.abc import Iterator, Mapping

# It begins with plain text, so that Python searches for that at the speed of memory.
_IMPORT = re.compile(
    rb"import(?:(?:[ \t\f]|\\\n)*(?P<inside>\((?:[^()#]|#[^\n]*)*)|(?:[ \t\f]|\\\n)+(?P<names>(?:[^\n;\\]|\\\n)+))"
)
_FROM = re.compile(rb"\bfrom(?:[ \t\f]+|(?=\.))(?P<origin>[.\w\x80-\xff][.\w\x80-\xff \t\f]*)$")
LINE_BYTES_MAX = 1000
_NAME = re.compile(r"[\w.]+")
_COMMENT = re.compile(rb"#[^\n]*")


def imports_of(content: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The imports in a file: `("a.b", ())` for `import a.b`, and `(".a", ("x", "y"))` for `from .a import x, y`.

    It may see more than Python would (in strings and comments), never less: what it names counts only where it is a
    file of the project.
    """
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    at = 0
    while (match := _IMPORT.search(content, at)) is not None:
        start = match.start()
        at = start + 6  # not behind the match: it may have begun in a string
        if start and (content[start - 1 : start].isalnum() or content[start - 1] == 0x5F):
            continue
        found = _FROM.search(_before(content, start))
        origin = b"".join(found["origin"].split()) if found else b""
        names = match["inside"] or match["names"]
        if b"#" in names:
            names = _COMMENT.sub(b"", names)
        if not (names.isascii() and origin.isascii()):
            yield from _as_python_reads(content)
        text = names.decode("utf-8", "replace").replace("\\", " ")
        parts = [part.split() for part in text.strip(" ()\r\n\t\f").split(",")]
        words = [part[0] for part in parts if part and _NAME.fullmatch(part[0])]
        if origin:
            yield origin.decode("utf-8", "replace"), tuple(words)
        else:
            yield from ((word, ()) for word in words)


def _before(content: bytes, start: int) -> bytes:
    """What stands before a place on its line, and on those above that it continues."""
    window = content[max(0, start - LINE_BYTES_MAX) : start]
    line = b""
    while True:
        window, newline, part = window.rpartition(b"\n")
        line = part + line
        if not (newline and window.endswith(b"\\")):
            return line
        window, line = window[:-1], b" " + line


def _as_python_reads(content: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The imports as Python's own parser sees them, which knows encodings and which letters are the same in names."""
    import ast  # noqa: PLC0415 - slow to load, and names are hardly ever other than ASCII
    import warnings  # noqa: PLC0415 - the same

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, ()) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), tuple(one.name for one in node.names)


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
