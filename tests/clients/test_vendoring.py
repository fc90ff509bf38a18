"""`tarscli client` writes a client into a project, leaves what is there alone, and says how to take it in."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.clients import clients_folder
from tars.runner.building.tools import detect
from tars.runner.values import Tool

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    ("language", "files", "use"),
    [
        ("python", ["tars_client.py"], "import tars_client as tars"),
        ("js", ["tars_client.d.mts", "tars_client.mjs"], 'import * as tars from "./tars_client.mjs";'),
        ("rust", ["tars_client/json.rs", "tars_client/mod.rs"], "mod tars_client;"),
        ("go", ["go.mod", "tarsclient/tarsclient.go"], 'import tars "agents/tarsclient"'),
    ],
)
def test_a_client_is_written_once(
    language: str, files: list[str], use: str, run_tarscli: Tarscli, tmp_path: Path
) -> None:
    def told() -> dict[str, object]:
        answer: dict[str, object] = json.loads(
            run_tarscli("client", language, "--out", "agents", "--json", folder=tmp_path).stdout
        )
        return answer

    first = told()
    assert first["use"] == use
    assert first["files"] == dict.fromkeys(files, "written")
    assert (
        sorted(path.relative_to(tmp_path / "agents").as_posix() for path in (tmp_path / "agents").rglob("*.*")) == files
    )
    again = told()["files"]
    assert isinstance(again, dict)
    assert set(again.values()) == {"same"}


def test_what_differs_is_left_alone(run_tarscli: Tarscli, tmp_path: Path) -> None:
    mine = tmp_path / "tars_client.py"
    mine.write_text("mine\n", "utf-8")
    refused = run_tarscli("client", "python", folder=tmp_path, code=1)
    assert "--force" in refused.stderr
    assert mine.read_text("utf-8") == "mine\n"
    run_tarscli("client", "python", "--force", folder=tmp_path)
    assert mine.read_bytes() == (clients_folder() / "python/tars_client.py").read_bytes()


def test_a_go_client_joins_the_module_that_is_there(run_tarscli: Tarscli, tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("// ours\nmodule example.test/lab\n\ngo 1.21\n", "utf-8")
    answer = json.loads(run_tarscli("client", "go", "--out", "a/b", "--json", folder=tmp_path).stdout)
    assert answer["use"] == 'import tars "example.test/lab/a/b/tarsclient"'
    assert list(answer["files"]) == ["tarsclient/tarsclient.go"]


def test_wrong_words(run_tarscli: Tarscli, tmp_path: Path) -> None:
    assert "python" in run_tarscli("client", "pyton", folder=tmp_path, code=2).stderr
    (tmp_path / "file").write_text("", "utf-8")
    assert "file" in run_tarscli("client", "rust", "--out", "file/x", folder=tmp_path, code=1).stderr
    assert "mod tars_client;" in run_tarscli("client", folder=tmp_path).stdout


def test_the_types_are_those_of_the_code(tmp_path: Path) -> None:
    """Everything that the TypeScript client exports is declared; tsc takes what is right and refuses what is wrong."""
    found = detect(Tool("tsc"))
    node = shutil.which("node")
    if found is None or node is None:
        pytest.skip("tsc or node is not on this machine")
    for name in ("tars_client.mjs", "tars_client.d.mts"):
        shutil.copy(clients_folder() / "typescript" / name, tmp_path)
    exports = subprocess.run(
        [node, "-e", "import('./tars_client.mjs').then(m => console.log(JSON.stringify(Object.keys(m))))"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    uses = "".join(f"void tars.{name};\n" for name in json.loads(exports))
    head = 'import * as tars from "./tars_client.mjs";\n'
    (tmp_path / "right.ts").write_text(f'{head}{uses}tars.metric("a", 1n);\nconst n: number[] = tars.input() ?? [];\n')
    (tmp_path / "wrong.ts").write_text(f'{head}tars.metric("a", "1");\n')
    flags = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"]

    def check(name: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [node, found.path, *flags, name], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert check("right.ts").stdout == ""
    assert "TS2345" in check("wrong.ts").stdout
