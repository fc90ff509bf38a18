"""What an engine carries to another machine and back, tried without one: pack, run from the parcel alone, receive."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from ducktools.classbuilder.prefab import replace

from tars.runner.engines._elsewhere import work
from tars.runner.engines._parcel import Came, Content, Parcel, pack
from tars.runner.engines._receive import Receipt, receive
from tars.runner.events import ModuleOutput, ModuleProgress, Status
from tars.runner.execute import Done, Place, Task
from tars.runner.inputs import write_memory
from tars.runner.run import prepare
from tars.runner.workspace import open_workspace

from .conftest import Project


@dataclasses.dataclass
class Sent:
    """A parcel, and what its sender goes on with."""

    task: Task
    place: Place
    parcel: Parcel
    pieces: dict[str, bytes]

    def work(self, **changes: Any) -> list[Any]:
        parcel = replace(self.parcel, **changes)
        return [one for news in work(parcel, lambda name: self.pieces[name]) for one in news]

    def receive(self, news: list[Any]) -> Done:
        with Receipt(self.place.scratch) as receipt:
            for one in news:
                if isinstance(one, Content):
                    receipt.add(one)
            return receive(self.task, self.place, came(news), receipt)


def came(news: list[Any]) -> Came:
    assert isinstance(news[-1], Came)
    return news[-1]


@pytest.fixture
def sent(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Packs the project's only module; from then on this process has another user cache, as another machine has."""
    stack = []

    def pack_it() -> Sent:
        monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
        opened = open_workspace(project.root)
        workspace = opened.__enter__()
        stack.append(opened)
        current, _ = prepare(project.options(), workspace, "20260101T000000-abcdef", Flag(), None)
        (module,) = current.modules.values()
        current.place.scratch.mkdir(parents=True, exist_ok=True)
        write_memory(current.metascript, current.place.memory)
        task = current.planner.task(module, 1, {})
        pieces: dict[str, bytes] = {}

        def send(name: str, data: bytes) -> str:
            pieces[name] = data
            return name

        parcel = pack(task, current.place, "0.0.0", send)
        monkeypatch.setenv("TARS_CACHE", str(tmp_path / "another machine"))
        from tars import __version__  # noqa: PLC0415 - beside its only use

        return Sent(task, current.place, replace(parcel, tars=__version__), pieces)

    yield pack_it
    for opened in stack:
        opened.__exit__(None, None, None)


def test_contents_events_and_outputs_travel(project: Project, sent: Any) -> None:
    project.write("data/deep/one.txt", "one")
    large = os.urandom(300_000)
    (project.root / "data/large.bin").write_bytes(large)
    (project.root / "data/empty").mkdir()
    project.write("secret.txt", "not declared")
    project.script(
        "agent",
        """
        ls -R "$TARS_INPUT" | tr '\\n' ' '
        test -d "$TARS_INPUT/empty" || echo 'no empty folder'
        test ! -e secret.txt || echo 'an undeclared file is there'
        cat "$TARS_MEMORY"
        echo '{"progress": 0.5}' >> "$TARS_EVENTS"; echo '{"metric": {"loss": 0.25}}' >> "$TARS_EVENTS"
        sleep 0.4
        cp "$TARS_INPUT/large.bin" output/large.bin
        touch output/empty.txt
        """,
        input='"data"', output='["output/large.bin", "output/empty.txt"]',
    )  # fmt: skip
    metascript = project.root / "main.tars"
    known = 'reflection "first" {\n  summary = "it rests on this"\n}\n'
    metascript.write_text(known + metascript.read_text("utf-8"), "utf-8")
    parcel = sent()
    assert "memory" in parcel.task.grounds
    news = parcel.work()
    assert came(news).status is Status.SUCCEEDED, news
    said = b"".join(one.data for one in news if isinstance(one, ModuleOutput))
    assert b"one.txt" in said
    assert b"undeclared" not in said
    assert b"no empty folder" not in said
    assert b"it rests on this" in said
    assert ModuleProgress("executable_module.agent", 0.5) in news
    assert not (project.root / "output").exists() or not (project.root / "output/large.bin").exists()
    done = parcel.receive(news)
    assert done.status is Status.SUCCEEDED
    assert (project.root / "output/large.bin").read_bytes() == large
    assert (project.root / "output/empty.txt").read_bytes() == b""
    assert done.reported.metrics == {"loss": 0.25}
    assert parcel.place.objects.get(done.delivered["output/large.bin"].digest) == large
    left = list((project.root.parent / "another machine" / "elsewhere-1").iterdir())
    assert not left, "a worker keeps nothing of a project"


def test_a_worker_that_would_do_something_else_is_refused(project: Project, sent: Any) -> None:
    project.script("agent", "touch output/x", output='"output/x"')
    parcel = sent()
    other = came(parcel.work(grounds={**parcel.parcel.grounds, "tool go": "1.0"}))
    assert other.status is Status.UNAVAILABLE
    assert "tool go is gone" in other.error
    assert came(parcel.work(tars="0.0.0")).status is Status.UNAVAILABLE
    assert came(parcel.work(files={})).status is not Status.SUCCEEDED
    assert came(parcel.work()).status is Status.SUCCEEDED


def test_what_is_not_whole_is_not_taken(project: Project, sent: Any) -> None:
    project.script("agent", "echo right > output/x", output='"output/x"')
    parcel = sent()
    news = parcel.work()
    damaged = [replace(one, data=b"wrong") if isinstance(one, Content) else one for one in news]
    with pytest.raises(Exception, match="not whole"):
        parcel.receive(damaged)
    assert not (project.root / "output/x").exists()


def test_an_output_does_not_leave_the_project_here_either(project: Project, sent: Any, tmp_path: Path) -> None:
    project.script("agent", "mkdir -p made; echo x > made/x", output='"made/x"')
    parcel = sent()
    news = parcel.work()
    assert came(news).status is Status.SUCCEEDED
    (tmp_path / "elsewhere").mkdir()
    (project.root / "made").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="leave the project"):
        parcel.receive(news)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_closing_ends_the_module(project: Project, sent: Any) -> None:
    project.script("agent", "exec sleep 87654.5")
    parcel = sent()
    news = work(parcel.parcel, lambda name: parcel.pieces[name])
    while not project.is_alive("sleep 87654.5"):
        next(news)
    news.close()
    assert not project.is_alive("sleep 87654.5")


def test_a_build_travels_both_ways(project: Project, sent: Any, tmp_path: Path) -> None:
    if subprocess.run(["rustc", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("rustc is not on this machine")
    project.write("agent.rs", 'fn main() { println!("built"); }')
    project.write("main.tars", 'rust_module "agent" {\n  source = "agent.rs"\n  artifact = "bin/agent"\n}\n')
    first = sent()
    news = first.work()
    assert came(news).build_meta is not None
    done = first.receive(news)
    assert done.built is not None
    assert done.built.artifact is not None
    assert subprocess.run([project.root / "bin/agent"], capture_output=True, check=True).stdout == b"built\n"
    assert first.place.shared.get(first.task.build_key) is not None
    again = sent()
    assert again.parcel.built, "what was built elsewhere goes along to the next worker"
    (tmp_path / "another machine").rename(tmp_path / "gone")
    news = again.work()
    assert came(news).status is Status.SUCCEEDED
    assert came(news).build_seconds == 0.0
    assert came(news).build_meta is None


def test_what_only_an_earlier_build_told_of_travels(project: Project, sent: Any) -> None:
    if subprocess.run(["cc", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("cc is not on this machine")
    project.write("text.h", '#define TEXT "told"\n')
    include = "#define QUOTED(x) #x\n#define NAMED(x) QUOTED(x)\n#include NAMED(text.h)\n"
    project.write("agent.c", f"#include <stdio.h>\n{include}int main(void) {{ puts(TEXT); return 0; }}\n")
    project.write("main.tars", 'c_module "agent" {\n  source = "agent.c"\n}\n')
    project.run()
    parcel = sent()
    assert parcel.parcel.unforeseen == ("text.h",)
    for built in (parcel.parcel.built, {}):
        assert came(parcel.work(built=built)).status is Status.SUCCEEDED


def test_a_missing_package_is_one_line(project: Project) -> None:
    project.script("agent", "true")
    start = "import sys; sys.modules['ray'] = None; from tars.ui.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", start, "run", "--engine", "ray", "--json"], cwd=project.root, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "-m pip install 'tars-agents[ray]'" in json.loads(done.stdout.splitlines()[-1])["error"]["hint"]


def test_an_unknown_engine_is_told_the_nearest(project: Project) -> None:
    project.script("agent", "true")
    with pytest.raises(Exception, match="there is no engine of runs `rai`"):
        project.run(engine="rai")
