"""Break a crate that builds as people do, with known mends: seeded mutants, each proven broken by the compiler.

The crate itself is only read, and must build and pass its tests. Same files, toolchain, kinds and seed: same mutants.
"""

import argparse
from pathlib import Path

from tars.core.errors import UsageError
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.evaluation.mutate import Mutant, Request, mutants
from tars.rust.evaluation.mutation import MUTATIONS
from tars.rust.syntax.diff import unified_diff
from tars.ui.cli.console import Console
from tars.ui.cli.parser import count, names
from tars.ui.cli.printable import printable
from tars.ui.cli.rust._asked import add_features, features_of
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust mutate . -n 10", "ten ways in which this crate could be broken"),
    ("tarscli rust mutate . --kinds drop_semicolon,drop_brace", "of these kinds only"),
    ("tarscli rust mutate . -n 10 --out broken", "each as a diff that `git apply` reads"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "crate", nargs="?", default=".", metavar="CRATE", help="a crate or a `.rs` file that builds (default: .)"
    )
    parser.add_argument("-n", "--count", type=count, default=25, metavar="N", help="how many (default: 25)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which ones (default: 0)")
    parser.add_argument("--kinds", type=names, metavar="A,B", help="of these kinds only; `--list` names them")
    parser.add_argument(
        "--tests", action=argparse.BooleanOptionalAction, default=True, help="its tests must pass too (default)"
    )
    parser.add_argument("--failing", action="store_true", help="such that build and fail the tests instead")
    add_features(parser)
    parser.add_argument("--out", metavar="DIR", help="write the diff of each into this folder, which must be empty")
    parser.add_argument("--list", action="store_true", help="list the kinds of mutations instead")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.list:
        titles = {name: MUTATIONS.load(name).title for name in MUTATIONS.names()}
        console.answer({"kinds": titles})
        console.write("\n".join(f"{name:18} {title}" for name, title in titles.items()))
        return 0
    target = find_target(Path(arguments.crate), features_of(arguments))
    files = read_files(target)
    if arguments.failing and not arguments.tests:
        raise UsageError("--failing and --no-tests exclude each other", hint="leave out --no-tests")
    request = Request(arguments.count, arguments.seed, arguments.kinds or (), arguments.tests, arguments.failing)
    out = _empty(arguments.out) if arguments.out else None
    found = []
    with open_checkers(target) as checkers:
        for mutant in mutants(files, checkers, request):
            found.append(mutant)
            console.write(_line(mutant))
            if out is not None:
                place = out / f"{mutant.number:03}-{mutant.kind}.diff"
                place.write_bytes(unified_diff(mutant.patch, dict(mutant.original)))
    console.answer({"mutants": [one.to_json() for one in found], "seed": arguments.seed})
    console.note(f"{plural(len(found), 'mutant')} of {printable(arguments.crate)}, seed {arguments.seed}")
    return 0


def _line(mutant: Mutant) -> str:
    body = mutant.to_json()
    codes = ", ".join(one.code or "no code" for one in mutant.errors[:3])
    what = f"{codes}: {body['message']}" if mutant.errors else f"fails {', '.join(mutant.failed[:3])}"
    where = f"{body['path']}:{body['line']}"
    return printable(f"{mutant.number:3} {mutant.kind:16} {where}  {what}").replace("\n", " ")


def _empty(name: str) -> Path:
    folder = Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"`{name}` is not an empty folder", hint="name a new one for --out")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
