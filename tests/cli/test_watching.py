"""`tarscli run --watch` as a person uses it: files are edited as editors do, and only what is touched restarts."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the agents are shell scripts")
SECONDS_MAX = 60.0
Save = Callable[[Path, str], None]


def in_place(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def by_rename(path: Path, text: str) -> None:
    """As most editors save: a new file, renamed over the old one."""
    scratch = path.with_name(f".{path.name}.x7Gk2")
    scratch.write_text(text, "utf-8")
    scratch.chmod(path.stat().st_mode)
    os.replace(scratch, path)


def as_vim(path: Path, text: str) -> None:
    """As vim does with `backup`: it tries the folder, moves the old file away, writes a new one, removes the backup."""
    mode = path.stat().st_mode
    (path.parent / "4913").write_text("", "utf-8")
    (path.parent / "4913").unlink()
    backup = path.with_name(path.name + "~")
    os.replace(path, backup)
    path.write_text(text, "utf-8")
    path.chmod(mode)
    backup.unlink()


class Watching:
    """A `tarscli run --watch` in a project of shell scripts; its lines come as they are printed."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self.environment = root, environment
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self.seen = 0

    def script(self, name: str, body: str, attributes: str = "") -> None:
        path = self.root / f"{name}.sh"
        path.write_text("#!/bin/sh\n" + textwrap.dedent(body), "utf-8")
        path.chmod(0o755)
        block = f'agent_module "{name}" {{\n  source = "{name}.sh"\n  language = "executable"\n{attributes}}}\n'
        metascript = self.root / "main.tars"
        metascript.write_text((metascript.read_text("utf-8") if metascript.exists() else "") + block, "utf-8")

    def start(self) -> None:
        words = [sys.executable, "-m", "tars.ui.cli", "run", "--watch", "--sandbox", "none", "--jobs", "4"]
        self.process = subprocess.Popen(
            words, cwd=self.root, env=self.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def until(self, text: str) -> list[str]:
        """Waits for the next line that holds the text; the lines up to it that came since the last call."""
        limit = time.monotonic() + SECONDS_MAX
        begin = self.seen
        while time.monotonic() < limit:
            found = next((at for at in range(begin, len(self.lines)) if text in self.lines[at]), None)
            if found is not None:
                self.seen = found + 1
                return self.lines[begin : found + 1]
            time.sleep(0.02)
        pytest.fail(f"no line with {text!r} came after:\n" + "\n".join(self.lines))


@pytest.fixture
def watching(tmp_path: Path, environment: dict[str, str]) -> Iterator[Watching]:
    watched = Watching(tmp_path, environment)
    yield watched
    process = watched.process
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS_MAX) == 130, watched.lines
    for name in ("server", "other"):
        left = subprocess.run(["pgrep", "-f", f"{tmp_path}/.*{name}.sh"], capture_output=True, text=True, check=False)
        assert not left.stdout, f"{name} outlived its run"


SERVER = "echo serving one\nwhile :; do sleep 0.1; done\n"


@pytest.mark.parametrize("save", [in_place, by_rename, as_vim])
def test_only_what_is_touched_restarts(watching: Watching, save: Save) -> None:
    """A module that never ends is restarted when its file changes; one beside it, and what has ended, is not."""
    watching.script("server", SERVER)
    watching.script("other", SERVER.replace("serving", "other"))
    watching.script("quick", 'echo quick one > "$TARS_OUTPUT"; echo said one\n', '  output = "output/quick.txt"\n')
    watching.script("last", 'cat "$TARS_INPUT"\n', "  input = agent_module.quick.output\n")
    watching.start()
    for text in ("serving one", "other one", "last: done"):
        watching.seen = 0
        watching.until(text)
    watching.seen = len(watching.lines)
    save(watching.root / "server.sh", "#!/bin/sh\n" + SERVER.replace("serving one", "serving two"))
    told = watching.until("serving two")
    assert any("server.sh changed: server starts anew" in line for line in told), told
    assert not any(line.startswith(("other", "quick", "last")) for line in told), told
    save(watching.root / "quick.sh", '#!/bin/sh\necho quick two > "$TARS_OUTPUT"\n')
    told = watching.until("last: done")
    assert any("changed: quick, last start anew" in line for line in told), told
    assert any("last | quick two" in line for line in told), told
    assert not any(line.startswith(("other", "server")) for line in told), told


def test_a_failure_is_mended_while_others_run(watching: Watching) -> None:
    watching.script("server", SERVER)
    watching.script("broken", "exit 3\n")
    watching.script("after", "echo after all\n", "  depends_on = [agent_module.broken]\n")
    watching.start()
    watching.until("broken: failed")
    by_rename(watching.root / "broken.sh", "#!/bin/sh\nexit 0\n")
    told = watching.until("after | after all")
    assert not any(line.startswith("server:") for line in told), told


def test_a_change_of_the_metascript_is_another_run(watching: Watching) -> None:
    watching.script("server", SERVER)
    watching.start()
    watching.until("serving one")
    watching.script("other", "echo here too\n")
    told = watching.until("other | here too")
    assert sum(line.startswith("Run ") for line in told) == 1, told


def test_new_and_deleted_files_run_what_reads_their_folder(watching: Watching) -> None:
    (watching.root / "data").mkdir()
    (watching.root / "data" / "a.txt").write_text("a", "utf-8")
    watching.script("list", 'ls "$TARS_INPUT" | tr "\\n" " "; echo\n', '  input = "data"\n')
    watching.script("other", "echo not again\n")
    watching.start()
    watching.until("Watching")
    (watching.root / "data" / "b.txt").write_text("b", "utf-8")
    told = watching.until("Watching")
    assert any("list | a.txt b.txt" in line for line in told), told
    assert not any("not again" in line for line in told), told
    (watching.root / "data" / "a.txt").unlink()
    assert any("list | b.txt" in line for line in watching.until("Watching"))
