"""What the options of `rust fix` ask for, as the values that a mend takes."""

import argparse
from collections.abc import Callable, Mapping, Sequence

from ducktools.classbuilder.prefab import replace

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.episode.budget import Budget
from tars.rust.checking.workspace import Features
from tars.rust.mending.guards import GUARDS
from tars.rust.values import Kind
from tars.ui.cli.parser import names

_BUDGETS: Mapping[str, Callable[[Budget, float], Budget]] = {
    "probes": lambda budget, number: replace(budget, probes_max=int(number)),
    "seconds": lambda budget, number: replace(budget, seconds_max=number),
    "files": lambda budget, number: replace(budget, files_max=int(number)),
    "lines": lambda budget, number: replace(budget, lines_max=int(number)),
}
DEFAULT = Budget()
BUDGET_HELP = (
    f"probes={DEFAULT.probes_max},seconds={DEFAULT.seconds_max:g},files={DEFAULT.files_max},lines={DEFAULT.lines_max}"
)


def budget(text: str) -> Budget:
    """A budget, as an argument: `seconds=10,probes=50`; what is not named is as by default."""
    found = DEFAULT
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if name not in _BUDGETS or not equals:
            known = ", ".join(f"{one}=N" for one in _BUDGETS)
            raise argparse.ArgumentTypeError(f"`{part.strip()}` is no part of a budget; known: {known}")
        try:
            number = float(value) if name == "seconds" else int(value)
        except ValueError:
            number = 0.0
        if not 0 < number <= 1_000_000:
            raise argparse.ArgumentTypeError(f"`{part.strip()}`: a number above 0 and up to 1,000,000 is needed")
        found = _BUDGETS[name](found, number)
    return found


def add_features(parser: argparse.ArgumentParser) -> None:
    """The options that choose the features of a crate, as cargo has them."""
    parser.add_argument("--features", type=names, metavar="A,B", help="build with these features of the crate")
    parser.add_argument("--all-features", action="store_true", help="with all of them")
    parser.add_argument("--no-default-features", action="store_true", help="without its default ones")


def features_of(arguments: argparse.Namespace) -> Features:
    """The features that were asked for."""
    return Features(arguments.features or (), arguments.all_features, arguments.no_default_features)


def kinds_of(given: Sequence[str] | None) -> frozenset[Kind]:
    """The classes of diagnostics to mend; all where none is named. Raises `UsageError` with the nearest name."""
    _check(given, "class of diagnostics", [one.value for one in Kind])
    return frozenset(map(Kind, given)) if given else frozenset(Kind)


def guards_of(given: Sequence[str] | None) -> frozenset[str]:
    """The guards that are lifted. Raises `UsageError` with the nearest name."""
    _check(given, "guard", list(GUARDS))
    return frozenset(given or ())


def _check(given: Sequence[str] | None, noun: str, known: Sequence[str]) -> None:
    for name in given or ():
        if name not in known:
            near = close_matches(name, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
            raise UsageError(f"there is no {noun} `{name}`", hint=hint)
