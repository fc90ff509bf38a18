"""What is kept of a mend once it has ended: the patch with reasons, anchors and proof, and what is learnt from it."""

import re
from collections.abc import Mapping

from tars.rust.anchors.library import Library
from tars.rust.anchors.related import related_to_message
from tars.rust.checking.workspace import Target
from tars.rust.learning.generalise import patterns_of
from tars.rust.learning.memory import remember
from tars.rust.mending.fix import Mended
from tars.rust.mending.tree import Move
from tars.rust.patches.patch import BoundPatch, bind
from tars.rust.patches.review import Kept, Proof, Reason, keep
from tars.store import Store

_CODE = re.compile(r"E\d{4}")


def patch_of(mended: Mended, files: Mapping[str, bytes]) -> BoundPatch:
    """The accepted change, bound to the files that were mended."""
    return bind(files, mended.changes)


def kept_of(
    mended: Mended, files: Mapping[str, bytes], target: Target, library: Library, *, root: str, episode: str
) -> Kept:
    """The accepted patch as it is kept for review; `root` is the target's folder in the project."""
    used = sorted(frozenset[int]().union(*(hunk.patches for hunk in mended.hunks)))
    reasons = tuple(_reason(mended.moves[number], library) for number in used)
    tested = mended.tested
    proof = Proof(
        builds=True,
        errors_before=len(mended.before.errors) if mended.before is not None else 0,
        tests_passed=None if tested is None else len(tested.passed),
        tests_failed=None if tested is None else len(tested.failed),
        toolchain=target.toolchain.version,
        edition=target.edition,
        failed_before=len(mended.tested_before.failed) if mended.tested_before is not None else 0,
        features=" ".join(target.features.arguments()),
    )
    return Kept(patch_of(mended, files), root, tuple(dict.fromkeys(reasons)), proof, episode)


def keep_and_learn(store: Store, kept: Kept, mended: Mended, files: Mapping[str, bytes]) -> int:
    """Keeps the patch for review, and remembers how it mended what; returns how many patterns are new."""
    keep(store, kept)
    before = mended.before
    # Where nothing is an error, it was lints that were mended, or tests, which are no diagnostics.
    lints = mended.tested_before is None or mended.tested_before.ok
    diagnostics = (before.errors or (before.diagnostics if lints else ())) if before is not None else ()
    return remember(store, patterns_of(files, diagnostics, kept.patch), patch=kept.id, episode=kept.episode)


def _reason(move: Move, library: Library) -> Reason:
    """What has no citation of its own is justified by what the error index or clippy says of the code, or, where there
    is none, by what the Reference says of the matter."""
    patch = move.patch
    if _CODE.fullmatch(move.code):
        known: tuple[str, ...] = (f"docs:error_codes/{move.code}.html",)
    elif move.code.startswith("clippy::"):
        known = (f"tool:{move.code}",)
    else:
        known = related_to_message(move.said[1])
    anchors = library.anchors_for(patch.citations or known)
    return Reason(patch.reason, patch.producer, patch.confidence, move.code, patch.risk, anchors)
