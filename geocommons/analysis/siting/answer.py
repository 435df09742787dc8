"""The answer to a siting question: which sites, in which order, what each adds, and how good that is at least."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.siting.by_candidate import Floats, Ints
from geocommons.analysis.siting.gains import Gains
from geocommons.errors import InvalidInput

Model = Literal["mclp", "lscp", "p_median", "p_center"]


class Note(NamedTuple):
    """A sentence on the method or the answer, marked for translation, and what fills its gaps."""

    sentence: str
    params: dict[str, object]

    def __str__(self) -> str:
        return self.sentence.format(**self.params)


@dataclass(frozen=True, eq=False)
class Siting:
    """Which candidates to choose, the one that adds most first.

    `objective` by model: mclp: weight served by the chosen sites that was not served before; lscp: the cost of the
    sites (their number, if no costs are given); p_median: weight times metres to the nearest site, over all who can be
    served; p_center: the longest of these walks in metres. `before` is the same without chosen sites (lscp: 0).

    `adds` is what each site adds when taken in this order: weight newly served, or for p_median weight times metres
    saved. For mclp it sums to the objective, for p_median to `before - objective`. `adds_people` counts people newly
    served, or for p_median those whose walk it shortens. `only_people` have no other site, chosen or existing, within
    reach (for p_median: whose nearest it is).

    No choice within the limits is better than `bound` (above the objective for mclp, below it for the rest); `gap` is
    the distance between them as a part of the larger, 0 to 1; `optimal` says that it is proven to be nothing.
    `infeasible` are positions of demand that no site serves now and no candidate allowed by the limits reaches,
    `infeasible_people` who lives there.
    """

    model: Model
    chosen: Ints
    adds: Floats
    adds_people: Floats
    only_people: Floats
    objective: float
    before: float
    bound: float
    optimal: bool
    infeasible: Ints
    infeasible_people: float
    notes: tuple[Note, ...] = ()

    @property
    def gap(self) -> float:
        """How far the answer is from the best at most, as a part of the larger of objective and bound."""
        larger = max(abs(self.bound), abs(self.objective))
        return 0.0 if self.optimal or not larger else abs(self.bound - self.objective) / larger


def as_weights(values: ArrayLike, n_demand: int) -> Floats:
    """Return one weight for each place of demand; raise InvalidInput if they differ in number or one is negative."""
    weights = np.asarray(values, dtype=np.float64)
    if weights.shape != (n_demand,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise InvalidInput("Give people for each of {count} places, none of them a negative number.", count=n_demand)
    return weights


def weigh_groups(counts: ArrayLike, group_weight: ArrayLike) -> Floats:
    """Return the weight of each place: the people of each group (n x groups) times the weight of the group, summed.

    A group of weight 2 counts twice; with all weights 1 a place weighs its people. Raises InvalidInput if the two
    differ in groups, or one is negative.
    """
    people, weight = np.asarray(counts, dtype=np.float64), np.asarray(group_weight, dtype=np.float64)
    if people.ndim != 2 or weight.shape != (people.shape[1],):
        raise InvalidInput("Give one weight for each group of people.")
    if not (np.isfinite(people).all() and np.isfinite(weight).all() and (people >= 0).all() and (weight >= 0).all()):
        raise InvalidInput("People and weights of groups are numbers of 0 or more.")
    return np.asarray((people * weight).sum(axis=1))


def in_order(gains: Gains, chosen: Iterable[int]) -> tuple[Ints, Floats]:
    """Return a set in the order in which each site adds the most to those before it, and what it adds."""
    left, best = sorted(int(site) for site in chosen), np.zeros(gains.n_rows)
    order, adds = [], []
    while left:
        more = [float(np.maximum(value - best[row], 0.0).sum()) for row, value in map(gains.of, left)]
        site = left.pop(int(np.argmax(more)))
        order.append(site)
        adds.append(max(more))
        row, value = gains.of(site)
        best[row] = np.maximum(best[row], value)
    return np.array(order, dtype=np.intp), np.array(adds)
