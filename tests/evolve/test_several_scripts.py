"""Sources of several files in JavaScript and TypeScript: what they import, what is called, what has to stay."""

import shutil
from pathlib import Path

import pytest

from tars.core.errors import UsageError
from tars.evolve.jail.cells import Fresh, Room
from tars.evolve.jail.values import Job, Tree
from tars.evolve.judging.metric import read_metric
from tars.evolve.rule import Change, findings_of
from tars.evolve.sources.module_files import SourceFiles, Wanted, source_files
from tars.evolve.sources.source_subject import Given, open_source
from tars.runner.building.tools import detect
from tars.runner.toolchains._tools import ESBUILD


@pytest.mark.skipif(shutil.which("node") is None, reason="node runs the candidates")
def test_neighbours_of_javascript_and_typescript(tmp_path: Path) -> None:
    script = {"a/main.js": "import { twice } from './twice.js';\nexport const find = (n) => twice(n) + 1;\n",
              "a/twice.js": "export const twice = (n) => n * 2;\n", "package.json": '{"type": "module"}'}  # fmt: skip
    for name in ("tree", "js", "ts"):
        (tmp_path / name).mkdir()
    found = Fresh(Room("javascript", tree=Tree(tmp_path / "tree", "a/main.js")), tmp_path / "js")
    assert found.run(Job("", "find", [[4]], files=script)).answers == (9,)
    if detect(ESBUILD, tmp_path) is None:
        pytest.skip("esbuild takes the types out")
    typed = {"a/main.ts": "import { twice } from './twice';\nexport const find = (n: number) => twice(n) + 1;\n",
             "a/twice.ts": "export const twice = (n: number): number => n * 2;\n"}  # fmt: skip
    found = Fresh(Room("typescript", tree=Tree(tmp_path / "tree", "a/main.ts")), tmp_path / "ts")
    assert found.run(Job("", "find", [[4]], files=typed)).answers == (9,)
    broken = found.run(Job("", "find", [[4]], files={**typed, "a/twice.ts": "export const = 1"}))
    assert (broken.fault, "twice.ts:1:13" in broken.text) == ("error", True)


@pytest.mark.skipif(shutil.which("node") is None, reason="node runs the candidates")
@pytest.mark.parametrize(
    ("start", "other"),
    [
        ("const { add } = require('./add.js');\nexports.find = () => add(PLACE);\n", "exports.add = (n) => n + 1;\n"),
        (
            "import { add } from './add.js';\nexport const find = () => add(PLACE);\n",
            "export const add = (n) => n + 1;\n",
        ),
    ],
    ids=["require", "import"],
)
def test_a_script_and_its_neighbour_in_either_form(tmp_path: Path, start: str, other: str) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "metric.py").write_text("def score(case, answer):\n    return answer\n")
    (tmp_path / "web" / "find.js").write_text(f"const PLACE = 1; // tars: 0 .. 9\n{start}")
    (tmp_path / "web" / "add.js").write_text(other)
    (tmp_path / "jails").mkdir()
    metric = read_metric(str(tmp_path / "metric.py"), "maximize")
    made, text = open_source(tmp_path / "web" / "find.js", "find", metric, tmp_path / "jails", Given(project=tmp_path))
    try:
        assert made.screen(text, 0).score == 2
    finally:
        made.close()


@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_the_function_of_a_script_keeps_what_it_takes(language: str) -> None:
    pytest.importorskip(f"tree_sitter_{language}", reason="the extra `evolve` is not installed")
    text = "// tars: evolve\nexport function find(case_, more = 1) { return 1 }\n// tars: end\n"
    for after, codes in ((text.replace("return 1", "return 2"), []), (text.replace(", more = 1", ""), ["E0104"])):
        assert [one.code for one in findings_of(Change(language, text, after, "find"))] == codes


def test_a_function_of_a_javascript_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "a.js").write_text("export function find(n) { return 1; }\n")
    (tmp_path / "web" / "b.js").write_text("const STEP = 1; // tars: 0 .. 9\nexport const other = 1;\n")
    wanted = Wanted(tmp_path, "web", "find")
    assert source_files(wanted) == SourceFiles(("web/a.js", "web/b.js"), "web/a.js", "find")
    (tmp_path / "web" / "b.js").write_text("export async function find() {}\n")
    with pytest.raises(UsageError, match=r"several files define `find`: web/a\.js, web/b\.js"):
        source_files(wanted)
    assert source_files(Wanted(tmp_path, "web", "b.js:find")).start == "web/b.js"
