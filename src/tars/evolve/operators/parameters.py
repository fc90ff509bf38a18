"""Tunes the declared parameters: a design that fills their space, then a model of it, then CMA-ES around the best.

The design is a Latin hypercube over numbers and choices. The model (`surrogate.py`) makes the most of the first points;
where there are many, or many parameters, CMA-ES goes on. CMA-ES with margin for whole numbers is the library `cmaes`;
there is one optimiser for each set of choices.

N. Hansen, The CMA Evolution Strategy: A Tutorial, 2016; R. Hamano et al., CMA-ES with Margin, GECCO 2022.
"""

from collections.abc import Iterable
from random import Random
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import UnavailableError
from tars.evolve.operator import SOURCES, Operator, Producer, Situation
from tars.evolve.operators.perturb import from_unit, handed_on, to_unit
from tars.evolve.patch import Op, Patch
from tars.evolve.searching.surrogate import Surrogate
from tars.evolve.sources.declarations import Parameter
from tars.evolve.sources.languages import EXTRA
from tars.evolve.sources.source import declared_in, set_to
from tars.evolve.values import Candidate

SPREAD: Final = 0.2
"""The first spread of CMA-ES, as a share of the ranges."""
DESIGN: Final = (2, 2)
"""How many points the design has, and how many more for each parameter."""
MODELLED_MAX: Final = 60
"""So many points the model takes; it takes a time that grows with their cube."""
DIMENSIONS_MAX: Final = 16
OPTIMISERS_MAX: Final = 16
FAILED: Final = 1e30
"""What stands for the score of a candidate that failed: worse than all others, and finite."""


class _Tuned(Prefab):
    """An optimiser and what it waits for."""

    optimiser: Any
    names: tuple[str, ...]
    told: list[tuple[Any, float]] = attribute(default_factory=list)


class Tuner:
    """Asks the model, later one optimiser, for points. An optimiser hears when a whole generation is known."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._tuned: dict[tuple[Any, ...], _Tuned] = {}
        self._asked: dict[str, tuple[_Tuned, Any]] = {}
        self._design: list[list[float]] | None = None
        self._points: list[list[float]] = []
        self._scores: list[float] = []
        self._surrogate: Surrogate | None = None
        self._known: tuple[object, ...] = ()
        """The space of the points. A region may hold declarations, which a change of it may take away."""

    def propose(self, situation: Situation) -> Patch | None:
        parameters = declared_in(situation.parent.text).parameters
        if self._design is None:
            self._design = design(len(parameters), self.seed)
        if self._design:
            point = self._design.pop(0)
            ops = [placed(one, place) for one, place in zip(parameters.values(), point, strict=False)]
            return Patch((*handed_on(situation), *ops)) if ops else None
        modelled = 2 <= len(self._points) <= MODELLED_MAX and len(parameters) <= DIMENSIONS_MAX
        if modelled and _space(parameters.values()) == self._known:
            return self._modelled(situation, list(parameters.values()))
        return self._evolved(situation)

    def _modelled(self, situation: Situation, parameters: list[Parameter]) -> Patch | None:
        if self._surrogate is None:
            self._surrogate = Surrogate([len(one.choices) for one in parameters])
        point = self._surrogate.suggested(self._points, self._scores, situation.random.randrange(2**31))
        values = [
            one.choices[int(place)] if one.choices else from_unit(one, place)
            for one, place in zip(parameters, point, strict=True)
        ]
        ops = handed_on(situation)
        ops += [set_to(one, value) for one, value in zip(parameters, values, strict=True) if value != one.value]
        return Patch(tuple(ops)) if ops else None

    def _evolved(self, situation: Situation) -> Patch | None:
        """A point of CMA-ES, with the choices of the best that is known."""
        parameters = declared_in(situation.best.text).parameters
        numbers = [one for one in parameters.values() if not one.choices]
        if not numbers:
            return None
        key = tuple((name, one.value) for name, one in parameters.items() if one.choices)
        tuned = self._tuned.get(key)
        if tuned is None:
            if len(self._tuned) >= OPTIMISERS_MAX:
                return None
            tuned = self._tuned[key] = _Tuned(_optimiser(numbers, self.seed), _names(numbers))
        if _names(numbers) != tuned.names:
            return None
        asked = tuned.optimiser.ask()
        ops = handed_on(situation)
        parent = declared_in(situation.parent.text).parameters
        ops += [
            set_to(one, one.value)
            for name, one in parameters.items()
            if one.choices and one.value != parent[name].value
        ]
        ops += [set_to(one, from_unit(one, float(place))) for one, place in zip(numbers, asked, strict=False)]
        patch = Patch(tuple(ops))
        self._asked[patch.canonical] = tuned, asked
        return patch

    def hear(self, candidate: Candidate, parent: Candidate) -> None:
        assert candidate.patch is not None
        parameters = declared_in(candidate.text).parameters.values()
        self._known = self._known or _space(parameters)
        if not candidate.figures.fault and _space(parameters) == self._known:
            self._points.append([float(one.choices.index(one.value)) if one.choices else to_unit(one, one.value)
                                 for one in parameters])  # fmt: skip
            self._scores.append(candidate.score)
        tuned, asked = self._asked.pop(candidate.patch.canonical, (None, None))
        if tuned is None:
            return
        tuned.told.append((asked, FAILED if candidate.figures.fault else -candidate.score))
        if len(tuned.told) >= tuned.optimiser.population_size:
            tuned.optimiser.tell(tuned.told[: tuned.optimiser.population_size])
            del tuned.told[: tuned.optimiser.population_size]


def _space(parameters: Iterable[Parameter]) -> tuple[object, ...]:
    return tuple((one.file, one.name, one.low, one.high, one.log, one.choices) for one in parameters)


def _names(parameters: Iterable[Parameter]) -> tuple[str, ...]:
    return tuple(f"{one.file}:{one.name}" for one in parameters)


def design(count: int, seed: int) -> list[list[float]]:
    """Points in the unit cube of `count` dimensions: in each dimension every stratum is used once."""
    draw = Random(f"design/{seed}")
    points = DESIGN[0] + DESIGN[1] * count if count else 0
    columns = [draw.sample(range(points), points) for _ in range(count)]
    return [[(column[row] + draw.random()) / points for column in columns] for row in range(points)]


def placed(parameter: Parameter, place: float) -> Op:
    """The operation that puts a parameter to that place of its range, or of its choices."""
    if parameter.choices:
        chosen = parameter.choices[min(int(place * len(parameter.choices)), len(parameter.choices) - 1)]
        return set_to(parameter, chosen)
    return set_to(parameter, from_unit(parameter, place))


def _optimiser(numbers: list[Parameter], seed: int) -> Any:
    import numpy  # with cmaes: heavy, and only here  # noqa: PLC0415
    from cmaes import CMA, CMAwM  # see above  # noqa: PLC0415

    mean = numpy.array([to_unit(one, one.value) for one in numbers])
    bounds = numpy.array([[0.0, 1.0]] * len(numbers))
    steps = numpy.array(
        [1 / (one.high - one.low) if one.whole and not one.log and one.high - one.low < 64 else 0.0 for one in numbers]
    )
    if steps.any() and len(numbers) > 1:
        return _WithMargin(CMAwM(mean=mean, sigma=SPREAD, bounds=bounds, steps=steps, seed=seed))
    if len(numbers) > 1:
        return CMA(mean=mean, sigma=SPREAD, bounds=bounds, seed=seed)
    return CMA(mean=numpy.append(mean, 0.5), sigma=SPREAD, bounds=numpy.array([[0.0, 1.0]] * 2), seed=seed)


class _WithMargin:
    """CMAwM answers with two points: the one to try, and the one to tell it of."""

    def __init__(self, optimiser: Any) -> None:
        self._optimiser = optimiser
        self._meant: dict[int, Any] = {}

    @property
    def population_size(self) -> int:
        return int(self._optimiser.population_size)

    def ask(self) -> Any:
        tried, meant = self._optimiser.ask()
        self._meant[id(tried)] = meant
        return tried

    def tell(self, told: list[tuple[Any, float]]) -> None:
        self._optimiser.tell([(self._meant.pop(id(tried)), value) for tried, value in told])


class _Optimised:
    languages = SOURCES
    costly = False

    def start(self, seed: int) -> Operator:
        try:
            import cmaes  # noqa: F401, PLC0415  (asked for here, so that its absence is told before any work)
        except ImportError as error:
            raise UnavailableError("the optimiser of parameters is not installed", hint=EXTRA) from error
        return Tuner(seed)


PLUGIN: Producer = _Optimised()
