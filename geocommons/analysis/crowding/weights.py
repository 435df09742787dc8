"""How much a site counts for somebody at a cost: 1 beside it, less further off, 0 beyond its reach.

A cost is metres or minutes; a weight cannot tell, so give its figures in the unit of the costs. Exactly as far as a
threshold is within it.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from geocommons.analysis.amounts import Floats
from geocommons.errors import InvalidInput

EQUAL_WITHIN = 1e-6
"""A cost of exactly the threshold is within it, whatever its last binary digit."""


class Weight(Protocol):
    """A function of costs that is 0 beyond its reach."""

    @property
    def reach(self) -> float:
        """The largest cost that still counts."""

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight at each cost."""


@dataclass(frozen=True)
class Binary:
    """1 within reach (2SFCA: Luo & Wang 2003)."""

    reach: float
    kind: ClassVar[str] = "binary"

    def __post_init__(self) -> None:
        _refuse_unless_positive(reach=self.reach)

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight at each cost."""
        return np.asarray(cost <= self.reach + EQUAL_WITHIN, dtype=np.float64)


@dataclass(frozen=True)
class Steps:
    """The weight of the first threshold that holds the cost (E2SFCA: Luo & Qi 2009); thresholds rise."""

    steps: tuple[tuple[float, float], ...]
    kind: ClassVar[str] = "steps"

    def __post_init__(self) -> None:
        edges, weights = [edge for edge, _ in self.steps], [weight for _, weight in self.steps]
        rises = all(low < high for low, high in zip([0.0, *edges], edges, strict=False))
        if not edges or not rises or not all(0 < weight < np.inf for weight in weights):
            raise InvalidInput("The steps {steps} are no rising thresholds with weights over 0.", steps=str(self.steps))

    @property
    def reach(self) -> float:
        """The last threshold."""
        return self.steps[-1][0]

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight at each cost."""
        passed = np.zeros(len(cost), dtype=np.int8)
        for edge, _ in self.steps:
            passed += cost > edge + EQUAL_WITHIN
        return np.array([*(weight for _, weight in self.steps), 0.0]).take(passed)


@dataclass(frozen=True)
class Gaussian:
    """exp(-cost² / 2 sigma²) within reach; 1 at a cost of 0."""

    sigma: float
    reach: float
    kind: ClassVar[str] = "gaussian"

    def __post_init__(self) -> None:
        _refuse_unless_positive(sigma=self.sigma, reach=self.reach)

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight at each cost."""
        return np.where(cost <= self.reach + EQUAL_WITHIN, np.exp(-(cost**2) / (2 * self.sigma**2)), 0.0)


@dataclass(frozen=True)
class InversePower:
    """(cost / nearest) to the power of -exponent within reach; 1 up to `nearest`, since 0 has no power."""

    exponent: float
    reach: float
    nearest: float = 1.0
    kind: ClassVar[str] = "inverse power"

    def __post_init__(self) -> None:
        _refuse_unless_positive(exponent=self.exponent, reach=self.reach, nearest=self.nearest)

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight at each cost."""
        within = cost <= self.reach + EQUAL_WITHIN
        return np.where(within, (np.maximum(cost, self.nearest) / self.nearest) ** -self.exponent, 0.0)


@dataclass(frozen=True)
class Exponential:
    """exp(-rate x cost) within reach; 1 at a cost of 0."""

    rate: float
    reach: float
    kind: ClassVar[str] = "exponential"

    def __post_init__(self) -> None:
        _refuse_unless_positive(rate=self.rate, reach=self.reach)

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight at each cost."""
        return np.where(cost <= self.reach + EQUAL_WITHIN, np.exp(-self.rate * cost), 0.0)


LUO_QI_MINUTES = Steps(((10.0, 1.0), (20.0, 0.68), (30.0, 0.22)))
"""The steps of Luo & Qi (2009), by car to a doctor; on foot to a garden other thresholds are right."""
WALK_METRES = Steps(((400.0, 1.0), (800.0, 0.68), (1600.0, 0.22)))
"""Their weights on foot: 5, 10 and 20 minutes at 4.8 km/h."""


def _refuse_unless_positive(**figures: float) -> None:
    """Refuse a figure of a weight that is not over 0, or not finite."""
    for name, figure in figures.items():
        if not 0 < figure < np.inf:
            raise InvalidInput("The {name} of a weight is {figure}. Give a number over 0.", name=name, figure=figure)
