"""Languages from other packages: an installed one joins the conformance suite unchanged, a broken one harms nobody."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TARSCLI = "import sys; from tars.ui.cli.main import main; sys.exit(main(sys.argv[1:]))"
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples" / "plugins").glob("*/pyproject.toml"))


def python(*arguments: str, path: Path, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Runs this Python with the packages in the folder `path` as if they were installed."""
    known = {**os.environ, "PYTHONPATH": str(path), "NO_COLOR": "1", **env}
    return subprocess.run(
        (sys.executable, *arguments), cwd=cwd, env=known, capture_output=True, text=True, check=False, timeout=200
    )


@pytest.mark.parametrize("package", EXAMPLES, ids=lambda path: path.name)
def test_an_example_package_joins_the_conformance_suite(package: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed; `python3 dev.py setup` brings it")
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(package, source)  # a build writes beside its sources
    language = package.name.removeprefix("tars-")
    options = ("--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    installed = python(
        "-m", "pip", "install", *options, "--target", str(target), str(source), path=target, cwd=tmp_path
    )
    assert installed.returncode == 0, installed.stderr
    suite = ROOT / "tests" / "conformance" / "test_toolchains.py"
    argv = ("-m", "pytest", "-q", "-n0", "-rs", "-p", "no:cacheprovider", str(suite), "-k", f"{language} or suffixes")
    tried = python(*argv, path=target, cwd=ROOT)
    assert tried.returncode == 0, tried.stdout
    assert "9 passed" in tried.stdout or f"{language.title()} not found" in tried.stdout, tried.stdout


@pytest.mark.slow
def test_what_the_guide_says_is_a_language_that_passes(tmp_path: Path) -> None:
    code = (ROOT / "docs" / "guide" / "add-a-language.md").read_text().partition("```python\n")[2].partition("```")[0]
    broken(tmp_path, code, "perl")
    suite = ROOT / "tests" / "conformance" / "test_toolchains.py"
    argv = ("-m", "pytest", "-q", "-n0", "-rs", "-p", "no:cacheprovider", str(suite), "-k", "perl")
    tried = python(*argv, path=tmp_path, cwd=ROOT)
    assert tried.returncode == 0, tried.stdout
    assert "8 passed" in tried.stdout or "Perl not found" in tried.stdout, tried.stdout


def broken(folder: Path, code: str, name: str = "broken") -> None:
    """A package `tars-broken` whose language is this code."""
    (folder / "broken_language.py").write_text(code)
    about = folder / "tars_broken-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tars-broken\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text(f"[tars.toolchains]\n{name} = broken_language:PLUGIN\n")


HALF = "class Half:\n    name = 'broken'\n    suffixes = ('.b',)\n{}PLUGIN = Half()\n"
SAMPLE = "    def sample(self): return 'a.b', b''\n"
FAULTS = {
    "it cannot be imported": ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
    "it holds no plug-in": ("", "AttributeError: module 'broken_language' has no attribute 'PLUGIN'"),
    "it is called otherwise": ("class X:\n    name = 'x'\nPLUGIN = X()\n", "ValueError: it calls itself 'x'"),
    "it is half a toolchain": (HALF.format(SAMPLE), "AttributeError: 'Half' object has no attribute 'tools'"),
    "it raises while planning": (
        HALF.format(
            SAMPLE + "    def tools(self, s): return ()\n    def plan(self, s, f): raise KeyError('odd\\nkey')\n"
        ),
        "KeyError: 'odd\\nkey'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_package_is_named_in_one_line_and_the_rest_runs(fault: str, tmp_path: Path) -> None:
    code, said = FAULTS[fault]
    packages, project = tmp_path / "packages", tmp_path / "project"
    packages.mkdir()
    project.mkdir()
    broken(packages, code)
    (project / "a.b").write_text("")
    (project / "good.py").write_text("print('ran')\n")
    (project / "main.tars").write_text(
        'settings { sandbox = "none" }\n'
        'broken_module "bad" { source = "a.b" }\npython_module "good" { source = "good.py" }\n'
    )
    ran = python("-c", TARSCLI, "run", "main.tars", "--keep-going", path=packages, cwd=project)
    told = ran.stdout + ran.stderr
    assert "Traceback" not in told
    assert "good | ran" in told, told
    lines = [line for line in told.splitlines() if "of package tars-broken 1.2 does not work" in line]
    assert lines, told
    assert f"the toolchain `broken` of package tars-broken 1.2 does not work: {said}" in lines[0]
    assert "pip uninstall tars-broken" in told
    assert ran.returncode in (1, 3), told


def test_other_packages_are_not_looked_for_where_languages_are_built_in(tmp_path: Path) -> None:
    """The entry points of all installed packages are read only for a language that TARS itself does not bring."""
    broken(tmp_path, "import no_such_module\n", name="python")
    (tmp_path / "a.py").write_text("print('ran')\n")
    (tmp_path / "main.tars").write_text('settings { sandbox = "none" }\npython_module "a" { source = "a.py" }\n')
    code = (
        "import sys\nfrom tars.core import plugins\nfrom tars.ui.cli.main import main\n"
        "code = main(['run', 'main.tars'])\nassert not plugins._points.cache_info().misses\nsys.exit(code)\n"
    )
    ran = python("-c", code, path=tmp_path, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "ran" in ran.stdout + ran.stderr
