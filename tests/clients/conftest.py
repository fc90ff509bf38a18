"""The four clients' drivers, built once: programs that make the calls of a test vector."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLIENTS = Path(__file__).resolve().parent.parent.parent / "clients"
LANGUAGES = ("python", "typescript", "rust", "go")
RUNTIMES = {"deno": ("run", "--allow-all"), "bun": ("run",)}
"""What else runs the JavaScript client, and how; Deno runs it in the tests where its wheel is installed."""


@pytest.fixture(scope="session")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """How each language's driver is started; a language whose compiler is not here is left out."""
    built = tmp_path_factory.mktemp("drivers")
    found = {"python": [sys.executable, str(CLIENTS / "python" / "driver.py")]}
    if node := shutil.which("node"):
        found["typescript"] = [node, str(CLIENTS / "typescript" / "driver.mjs")]
    for name, words in RUNTIMES.items():
        if runtime := shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"):
            found[name] = [runtime, *words, str(CLIENTS / "typescript" / "driver.mjs")]
    if rustc := shutil.which("rustc"):
        library = str(built / "libtars_client.rlib")
        compile = [rustc, "--edition=2021", "-Dwarnings"]
        source = CLIENTS / "rust"
        run([*compile, "--crate-type=lib", "--crate-name=tars_client", "-o", library, str(source / "src/lib.rs")])
        program = str(built / "rust_driver")
        run([*compile, "--extern", f"tars_client={library}", "-o", program, str(source / "examples/driver.rs")])
        found["rust"] = [program]
    if go := shutil.which("go"):
        program = str(built / "go_driver")
        run([go, "build", "-o", program, "./driver"], CLIENTS / "go")
        found["go"] = [program]
    return found


def run(command: list[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
