"""The grammar that editors colour metascripts with, over all examples."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tars.runner.building.tools import cache_folder

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = cache_folder() / "tools"


@pytest.mark.skipif(
    shutil.which("node") is None or not (TOOLS / "node_modules" / "vscode-textmate").is_dir(),
    reason="needs Node.js and, in the cache's `tools`: npm install vscode-textmate vscode-oniguruma",
)
def test_the_grammar_of_vs_code(tmp_path: Path) -> None:
    command = ["node", str(ROOT / "editors" / "vscode" / "test" / "grammar.mjs")]
    environment = {**os.environ, "TARS_NODE_TOOLS": str(TOOLS)}
    folders = [str(ROOT / "examples"), str(ROOT / "src" / "tars" / "ui" / "cli" / "templates")]
    done = subprocess.run([*command, *folders], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    (tmp_path / "odd.tars").write_text('python_module "x" {\n')
    assert subprocess.run([*command, str(tmp_path)], capture_output=True, env=environment).returncode == 1
