"""Turns planned steps into commands: placeholders into absolute paths, and the clean environment of a build."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from blake3 import blake3

from tars.runner.values import Found, Step

SHIMS: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "shims")

_PLACEHOLDER = re.compile(r"\{(build|source|project|shims|environment|work|exe|tool:[^{}]+)\}")

_PASSED_ON = frozenset(
    """
    PATH HOME USER LOGNAME USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA SYSTEMROOT SYSTEMDRIVE
    WINDIR COMSPEC PATHEXT TMPDIR TEMP TMP LANG LC_ALL LC_CTYPE TZ XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
    CARGO_HOME RUSTUP_HOME GOPATH GOCACHE GOMODCACHE GOPROXY GOSUMDB GONOSUMDB GONOPROXY GOPRIVATE GOINSECURE GOROOT
    DENO_DIR DENO_CERT BUN_INSTALL DEVELOPER_DIR SDKROOT HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY SSL_CERT_FILE
    SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS
    """.split()  # noqa: SIM905
)
_PASSED_ON_PREFIXES = ("PIP_", "NPM_CONFIG_", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR")


class Expand:
    """What each placeholder stands for, for one module on this machine."""

    def __init__(self, project: str, source: str, found: Mapping[str, Found]) -> None:
        self._words: dict[str, str] = {
            "project": project,
            "source": os.path.join(project, source.replace("/", os.sep)) if source not in ("", ".") else project,
            "shims": SHIMS,
            "exe": ".exe" if os.name == "nt" else "",
        }
        for tool in found.values():
            self._words[f"tool:{tool.tool}"] = tool.path

    def with_words(self, **words: str) -> "Expand":
        """The same with other words, such as `build="/tmp/x"`."""
        other = object.__new__(Expand)
        other._words = {**self._words, **words}
        return other

    def text(self, text: str) -> str:
        return text if "{" not in text else _PLACEHOLDER.sub(self._word, text)

    def json_text(self, content: bytes) -> bytes:
        """A generated JSON file with its placeholders, which stand inside strings, replaced."""
        return _PLACEHOLDER.sub(
            lambda match: json.dumps(self._word(match))[1:-1], content.decode("utf-8", "surrogateescape")
        ).encode("utf-8", "surrogateescape")

    def argv(self, step: Step) -> tuple[str, ...]:
        return tuple([self.text(part) for part in step.argv])

    def env(self, step: Step) -> dict[str, str]:
        return {name: self.text(value) for name, value in step.env.items()}

    def _word(self, match: re.Match[str]) -> str:
        name = match.group(1)
        # A tool that was not looked for is called by its name: in a container it is on PATH.
        return self._words.get(name, name.removeprefix("tool:") if name.startswith("tool:") else match.group())


def clean_env(found: Mapping[str, Found]) -> dict[str, str]:
    """The environment of a build: where homes, caches, proxies and registries are, and nothing that changes its result.

    The folders of the detected tools come first on PATH, so that tools which start each other do not meet a shim.
    """
    env = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED_ON or name.upper().startswith(_PASSED_ON_PREFIXES)
    }
    folders = dict.fromkeys(os.path.dirname(tool.path) for tool in found.values())
    env["PATH"] = os.pathsep.join([*folders, env.get("PATH", os.defpath)])
    return env


def reads_of(
    argv: tuple[str, ...], project: str, found: Mapping[str, Found], also: tuple[str, ...]
) -> tuple[Path, ...]:
    """The paths outside the project that a command needs to read: installations of its tools, and `also`.

    The program itself counts as a tool: the interpreter of a virtual environment is a link to one that lies elsewhere.
    """
    used = [tool.path for tool in found.values() if tool.path in argv]
    used += [argv[0]] if os.path.isabs(argv[0]) else []
    roots = dict.fromkeys([*(root for path in used for root in installation(path)), *also])
    if any(part.startswith(SHIMS) for part in argv):
        roots[SHIMS] = None
    inside = project + os.sep
    return tuple([as_path(root) for root in roots if not root.startswith(inside)])


@lru_cache(maxsize=1024)
def as_path(path: str) -> Path:
    """The path as an object, which takes long to make and is the same for many modules."""
    return Path(path)


@cache
def installation(program: str) -> tuple[str, ...]:
    """The folders that a program's installation consists of, none where the system's own folders hold it.

    A home folder is never one of them: a program in `~/bin` brings its own folder only.
    """
    folder = os.path.dirname(program)
    above = os.path.dirname(folder)
    home = os.path.expanduser("~")
    too_wide = ("/", "/usr", "/usr/local", "/opt", home, os.path.join(home, ".local"), os.path.dirname(home))
    found = [above if os.path.basename(folder) in ("bin", "Scripts") and above not in too_wide else folder]
    real = os.path.realpath(program)
    if real != program and os.path.isfile(os.path.join(found[0], "pyvenv.cfg")):
        found += installation(real)
    return tuple(path for path in found if path not in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"))


@cache
def shims_digest(name: str) -> str:
    """The digest of one of TARS's start programs: it is part of the key of what it starts."""
    with open(os.path.join(SHIMS, name), "rb") as file:
        return blake3(file.read()).hexdigest()


def shims_in(steps: Sequence[Step], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The names of the start programs that these steps, and generated files, use."""
    names = [part.partition("{shims}/")[2] for step in steps for part in step.argv if part.startswith("{shims}/")]
    for content in files.values():
        names += [match.decode() for match in re.findall(rb"\{shims\}/([\w.]+)", content)]
    return tuple(names)


Emit = Callable[[bytes], None]


class Rendered:
    """Lets through the text for people in JSON lines (`rendered`), and every line that is no JSON, as it is."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)

    def close(self) -> None:
        if self._rest:
            self._line(self._rest)
            self._rest = b""

    def _line(self, line: bytes) -> None:
        if not line.startswith(b"{"):
            self._emit(line + b"\n")
            return
        try:
            content = json.loads(line)
        except ValueError:
            self._emit(line + b"\n")
            return
        message = content.get("message")
        rendered = content.get("rendered") or (message.get("rendered") if isinstance(message, dict) else None)
        if isinstance(rendered, str):
            self._emit(rendered.encode())
