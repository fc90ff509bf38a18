"""A project in a temporary folder, run by the real engine."""

import os
import subprocess
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag

import pytest

from tars.runner.events import Event, ModuleFinished, Notice, Options, RunFinished, Status
from tars.runner.run import run


@dataclass
class Ran:
    """What a run told."""

    events: list[Event]

    @property
    def end(self) -> RunFinished:
        last = self.events[-1]
        assert isinstance(last, RunFinished), last
        return last

    @property
    def finished(self) -> dict[str, ModuleFinished]:
        """How each module ended, by the name after the dot."""
        return {event.address.split(".")[-1]: event for event in self.events if isinstance(event, ModuleFinished)}

    @property
    def statuses(self) -> dict[str, Status]:
        return {name: event.status for name, event in self.finished.items()}

    @property
    def notices(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice)]


@dataclass
class Project:
    """A project folder with a metascript `main.tars`."""

    root: Path
    settings: dict[str, object] = field(default_factory=dict)

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return target

    def replace(self, old: str, new: str) -> None:
        """Edits the metascript."""
        text = self.read("main.tars")
        assert old in text, f"{old} is not in the metascript"
        (self.root / "main.tars").write_text(text.replace(old, new), encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def options(self, **changes: object) -> Options:
        return Options(path=self.root / "main.tars", project=self.root, **{**self.settings, **changes})  # type: ignore[arg-type]

    def script(self, name: str, body: str, **attributes: object) -> None:
        """A shell script as a module `name` of the metascript; attributes are written as they are given."""
        target = self.write(f"agents/{name}.sh", "#!/bin/sh\n" + textwrap.dedent(body))
        target.chmod(0o755)
        lines = [f'  source = "agents/{name}.sh"', '  language = "executable"']
        lines += [f"  {key} = {value}" for key, value in attributes.items()]
        block = "\n".join([f'agent_module "{name}" {{', *lines, "}", ""])
        metascript = self.root / "main.tars"
        before = metascript.read_text(encoding="utf-8") if metascript.exists() else ""
        metascript.write_text(before + block, encoding="utf-8")

    def chain(self) -> None:
        """a -> b -> c, and d on its own."""
        self.write("data/in.txt", "one\n")
        self.script("a", "tr a-z A-Z < $TARS_INPUT > output/a.txt", input='"data/in.txt"', output='"output/a.txt"')
        self.script("b", "rev < $TARS_INPUT > $TARS_OUTPUT", input="agent_module.a.output", output='"output/b.txt"')
        self.script("c", "cat > output/c.txt", input="agent_module.b.output", output='"output/c.txt"')
        self.script("d", "echo d > output/d.txt", output='"output/d.txt"')

    @staticmethod
    def is_alive(command: str) -> bool:
        """Whether a process with exactly this command line is on this machine."""
        return subprocess.run(["pgrep", "-xf", command], capture_output=True, check=False).returncode == 0

    def run(
        self, cancel: Flag | None = None, on_event: Callable[[Event], None] | None = None, **changes: object
    ) -> Ran:
        events: list[Event] = []
        for event in run(self.options(**changes), cancel):
            events.append(event)
            if on_event is not None:
                on_event(event)
        return Ran(events)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project with a user cache of its own; sandbox `none`, because these tests are about the engine."""
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.startswith("TARS_VAR_")]:
        monkeypatch.delenv(name)
    root = tmp_path / "project"
    root.mkdir()
    return Project(root, {"sandbox": ("none",)})
