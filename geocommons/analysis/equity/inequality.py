"""How unequally an amount is spread over people: Lorenz curve, Gini, Palma ratio and Theil's T with its parts.

Values are what each person has at a place (supply a head, visits, minutes), weights how many people live there; values
are not below 0. Each figure is None where it has no meaning: nobody lives there, or nobody has anything.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.amounts import PEOPLE, VALUES, Floats, checked_amounts, dot
from geocommons.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class LorenzCurve:
    """Points from (0, 0) to (1, 1): the part of all people with least, and the part of everything that they have."""

    people_share: Floats
    value_share: Floats


@dataclass(frozen=True)
class TheilGroup:
    """A group's part in Theil's T: its shares of people and of everything, and the inequality inside it."""

    name: str
    people_share: float
    value_share: float
    theil: float


@dataclass(frozen=True)
class Theil:
    """Theil's T: `total` is `between` groups plus `within` them; without groups all of it is within."""

    total: float
    between: float
    within: float
    groups: tuple[TheilGroup, ...]

    @property
    def between_share(self) -> float:
        """The part of all inequality that the groups explain; 0 where there is none."""
        return self.between / self.total if self.total > 0 else 0.0


def lorenz_curve(values: ArrayLike, weights: ArrayLike | None = None) -> LorenzCurve | None:
    """Return the Lorenz curve, places in order of what a person has there."""
    amounts, people = _sorted(values, weights)
    total = dot(people, amounts)
    if not total > 0:
        return None
    curve = np.zeros((2, len(amounts) + 1))
    np.cumsum(people / people.sum(), out=curve[0, 1:])
    np.cumsum(people * amounts / total, out=curve[1, 1:])
    curve[:, -1] = 1.0
    return LorenzCurve(curve[0], curve[1])


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Return the Gini coefficient: sum_ij w_i w_j |v_i - v_j| / (2 mean W²), 0 where all have the same.

    It is twice the area between the Lorenz curve and the diagonal. One of n who has everything gives 1 - 1/n.
    """
    amounts, people = _sorted(values, weights)
    total, everybody = dot(people, amounts), float(people.sum())
    if not total > 0:
        return None
    middle_rank = np.cumsum(people) - people / 2
    return max(0.0, dot(people * amounts, 2 * middle_rank - everybody) / (total * everybody))


def palma_ratio(values: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Return what the 10 % of people with most have, by what the 40 % with least have (Palma 2011).

    A place at the cut is split between the two sides by its people. None where the 40 % have nothing.
    """
    curve = lorenz_curve(values, weights)
    if curve is None:
        return None
    least, most = np.interp([0.4, 0.9], curve.people_share, curve.value_share)
    return float((1 - most) / least) if least > 0 else None


def theil(values: ArrayLike, weights: ArrayLike | None = None, groups: ArrayLike | None = None) -> Theil | None:
    """Return Theil's T, and how much of it lies between groups (a name for each place).

    T = sum_i w_i/W v_i/mean ln(v_i/mean), where nothing gives 0 (its limit); between = sum_g s_g ln(mean_g / mean) and
    within = sum_g s_g T_g, with s_g the group's share of everything (Theil 1967; Shorrocks 1980). It runs from 0 to
    ln n.
    """
    amounts, people = _checked(values, weights)
    everybody, total = float(people.sum()), dot(people, amounts)
    if not total > 0:
        return None
    whole = _theil_of(amounts, people)
    if groups is None:
        return Theil(whole, 0.0, whole, ())
    of_place = np.asarray(groups).astype(str)
    if len(of_place) != np.size(np.asarray(values)):
        raise InvalidInput("There is not one group for every place. Name the group of each.")
    lived_in = slice(None) if weights is None else np.asarray(weights) > 0
    names, member = np.unique(of_place[lived_in], return_inverse=True)
    parts = []
    for number, name in enumerate(names.tolist()):
        own = member == number
        people_share, value_share = people[own].sum() / everybody, dot(people[own], amounts[own]) / total
        if people_share > 0:
            inside = _theil_of(amounts[own], people[own])
            parts.append(TheilGroup(name, float(people_share), float(value_share), inside))
    have = [part for part in parts if part.value_share > 0]
    between = sum(part.value_share * float(np.log(part.value_share / part.people_share)) for part in have)
    within = sum(part.value_share * part.theil for part in have)
    return Theil(whole, max(0.0, between), within, tuple(parts))


def _theil_of(amounts: Floats, people: Floats) -> float:
    """Return T of one group, 0 where it has nothing."""
    total = dot(people, amounts)
    if not total > 0:
        return 0.0
    relative = amounts * (people.sum() / total)
    logarithm = np.log(relative, out=np.zeros(len(relative)), where=relative > 0)
    return max(0.0, dot(people * relative, logarithm) / float(people.sum()))


def _checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return values and weights of places where people live, or refuse what is no amount."""
    count = np.size(np.asarray(values))
    amounts = checked_amounts(values, count, VALUES)
    people = np.ones(count) if weights is None else checked_amounts(weights, count, PEOPLE)
    lived_in = people > 0
    return amounts[lived_in], people[lived_in]


def _sorted(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return values and weights, the least values first."""
    amounts, people = _checked(values, weights)
    order = np.lexsort((people, amounts))
    return amounts[order], people[order]
