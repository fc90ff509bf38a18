"""A patch as a commit on a new git branch, made without touching the work tree, the index or any branch there is."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError, UnavailableError, UsageError
from tars.runner.building.tools import detect
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import Cell, Limits, Outcome, Tool
from tars.rust.patches.review import Kept

PREFIX: Final = "tars/fix-"
_TRUSTING_NOBODY: Final = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
"""A stranger's repository may name programs that git would run whatever it is asked."""
_GIT: Final = Tool("git", hints={"": "install git from https://git-scm.com"})
_KEPT: Final = ("PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "SYSTEMROOT", "USERPROFILE")
_KEPT_PREFIXES: Final = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_")
_SECONDS_MAX: Final = 60.0


class Branch(Prefab, frozen=True):
    """What was made: the branch's name, its commit, and the one that it begins at."""

    name: str
    commit: str
    base: str


class _Git:
    """Git, asked in one folder, with an index of its own."""

    def __init__(self, folder: Path, index: Path) -> None:
        found = detect(_GIT)
        if found is None:
            raise UnavailableError("there is no git on this machine", hint=_GIT.hints[""])
        self._program = found.path
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
        self._environment = {**kept, "GIT_INDEX_FILE": str(index), "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}

    def ask(self, *words: str, data: bytes = b"") -> Outcome:
        cell = Cell(
            (self._program, *_TRUSTING_NOBODY, *words),
            self._folder,
            self._environment,
            Limits(seconds_max=_SECONDS_MAX),
        )
        return run_cell(SANDBOXES.load("none"), cell, stdin=data)

    def tell(self, *words: str, data: bytes = b"") -> str:
        """What it prints. Raises `TarsError` with its own words where it refuses."""
        outcome = self.ask(*words, data=data)
        if outcome.code != 0:
            said = outcome.stderr.decode("utf-8", "replace").strip().split("\n")[0]
            raise TarsError(f"`git {words[0]}` failed: {said}", hint="the repository and your files are as they were")
        return outcome.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def make_branch(kept: Kept, folder: Path, files: Mapping[str, bytes], message: str) -> Branch:
    """Commits the patch, to `files` below `folder`, on a new branch on top of what is checked out. Nothing is pushed.

    Raises `UsageError` where the folder is in no repository or the branch is there already, and `TarsError` where a
    file of the patch has changes that are not committed, or git refuses.
    """
    with tempfile.TemporaryDirectory(prefix="tars-branch-") as scratch:
        git = _Git(folder, Path(scratch) / "index")
        if git.ask("rev-parse", "--git-dir").code != 0:
            raise UsageError(f"{folder} is in no git repository", hint="`git init`, or leave --pr out")
        base = git.tell("rev-parse", "--verify", "HEAD^{commit}")
        prefix = git.tell("rev-parse", "--show-prefix")
        name = PREFIX + kept.short
        if git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{name}").code == 0:
            raise UsageError(f"there is a branch {name} already", hint=f"`git branch -D {name}` removes it")
        git.tell("read-tree", base)
        after = kept.patch.applied(files)
        for file in kept.patch.files:
            path = prefix + file.path
            mode = _committed_mode(git, base, prefix, file.path, files.get(file.path))
            if file.path in after:
                blob = git.tell("hash-object", "-w", "--stdin", f"--path={file.path}", data=after[file.path])
                git.tell("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
            else:
                git.tell("update-index", "--force-remove", "--", path)
        commit = git.tell("commit-tree", git.tell("write-tree"), "-p", base, data=message.encode())
        git.tell("branch", "--no-track", name, commit)
        return Branch(name, commit, base)


def _committed_mode(git: _Git, base: str, prefix: str, path: str, data: bytes | None) -> str:
    """The mode of the committed file, which must be the one that the patch was made for."""
    listed = git.tell("ls-tree", "--full-tree", base, "--", prefix + path).split()
    if data is None:
        if listed:
            raise _dirty(path)
        return "100644"
    own = git.tell("hash-object", "--stdin", f"--path={path}", data=data)
    if len(listed) < 3 or listed[2] != own:
        raise _dirty(path)
    return listed[0]


def _dirty(path: str) -> TarsError:
    return TarsError(
        f"`{path}` has changes that are not committed, so the patch cannot stand on the last commit",
        hint="commit or stash them first, or use --apply",
    )


def description(kept: Kept, diff: str) -> str:
    """A draft of what to say of the branch, in Markdown."""
    reasons = [f"- {one.code + ': ' if one.code else ''}{one.text} ({one.producer})" for one in kept.reasons]
    anchors = dict.fromkeys(anchor.source for one in kept.reasons for anchor in one.anchors)
    proof = kept.proof
    tests = "tests were not run" if proof.tests_passed is None else f"tests that pass: {proof.tests_passed}"
    lines = [
        f"# {title_of(kept)}", "", "What was wrong, and what is changed:", "", *reasons, "",
        f"Proof, in a copy: it builds ({proof.errors_before} errors before), {tests}, with {proof.toolchain}.", "",
    ]  # fmt: skip
    lines += ["Read about it:", "", *(f"- `{one}`" for one in anchors), ""] if anchors else []
    return "\n".join([*lines, "```diff", diff.rstrip("\n"), "```", ""])


def title_of(kept: Kept) -> str:
    """One line: the codes that the patch mends, and where."""
    codes = ", ".join(dict.fromkeys(one.code for one in kept.reasons if one.code)) or "the build"
    return f"Mend {codes} in {', '.join(file.path for file in kept.patch.files[:3])}"
