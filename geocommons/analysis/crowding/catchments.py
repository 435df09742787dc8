"""Catchments: which sites count for whom and how much, built once and used by every scenario."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

from geocommons.analysis.amounts import Floats
from geocommons.analysis.crowding.weights import EQUAL_WITHIN, Weight
from geocommons.errors import InvalidInput
from geocommons.language import Words

DEMAND = Words(en="demand", nl="vraag")
SITE = Words(en="site", nl="plek")


@dataclass(frozen=True, eq=False)
class Catchments:
    """Pairs of a site and demand within reach, as a matrix with a row for each site, sorted by demand.

    `weights` has the weight of each pair, `cost` its cost in the same order. The transpose of such a matrix costs
    nothing, so demand is asked by it. Neither people nor supply are in it: a scenario that changes them, or closes
    sites, is two products; one that adds sites appends rows.
    """

    weights: "csr_array[Any, Any]"
    cost: Floats
    weight: Weight

    @property
    def sites(self) -> int:
        """How many sites there are, those that reach nobody with them."""
        return int(self.weights.shape[0])

    @property
    def demands(self) -> int:
        """How many places there are where people live."""
        return int(self.weights.shape[1])

    @cached_property
    def squared(self) -> "csr_array[Any, Any]":
        """The weights squared, on the same pairs, which 3SFCA and M2SFCA use."""
        return csr_array((self.weights.data**2, self.weights.indices, self.weights.indptr), shape=self.weights.shape)

    def with_sites(self, demand: ArrayLike, site: ArrayLike, cost: ArrayLike, *, sites: int) -> "Catchments":
        """Return catchments with so many more sites at the end; their pairs number them from 0."""
        more = build_catchments(demand, site, cost, demands=self.demands, sites=sites, weight=self.weight)
        old, new = self.weights, more.weights
        weights = csr_array(
            (
                np.concatenate([old.data, new.data]),
                np.concatenate([old.indices, new.indices]),
                np.concatenate([old.indptr, old.indptr[-1] + new.indptr[1:]]),
            ),
            shape=(self.sites + sites, self.demands),
        )
        return Catchments(weights, np.concatenate([self.cost, more.cost]), self.weight)


def build_catchments(
    demand: ArrayLike, site: ArrayLike, cost: ArrayLike, *, demands: int, sites: int, weight: Weight
) -> Catchments:
    """Return the catchments of pairs: positions of demand and site from 0, and the cost (metres or minutes).

    Pairs come in any order; those beyond the reach of the weight, or without a cost (NaN), count for nothing. Of pairs
    that are given twice (a site with two gates) the cheaper counts.
    """
    place, at = _positions(demand, demands, DEMAND), _positions(site, sites, SITE)
    costs = np.asarray(cost, dtype=np.float64)
    if not len(place) == len(at) == len(costs):
        raise InvalidInput("Demand, site and cost of the pairs are not equally many. Give one of each for every pair.")
    if (costs < 0).any():
        raise InvalidInput("A cost is below 0. Give metres or minutes from 0 on.")
    within = costs <= weight.reach + EQUAL_WITHIN
    if not within.all():
        place, at, costs = place[within], at[within], costs[within]
    matrix = _cheapest(_sorted_rows(place, at, costs, (demands, sites)))
    weights = csr_array((weight(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
    return Catchments(weights, matrix.data, weight)


def _positions(values: ArrayLike, count: int, what: Words) -> NDArray[np.int32]:
    """Return positions as small integers, or refuse those that name nothing."""
    positions = np.asarray(values)
    if len(positions) and not (positions.min() >= 0 and positions.max() < count):
        raise InvalidInput("A pair names a {what} that is not among the {count}.", what=what, count=count)
    return positions.astype(np.int32, copy=False)


def _sorted_rows(place: NDArray[Any], at: NDArray[Any], cost: Floats, shape: tuple[int, int]) -> "csr_array[Any, Any]":
    """Return a matrix of costs by site, each row sorted by demand, in two passes of counting (no comparison sort).

    It claims to have no duplicates so that scipy does not add them up.
    """
    by_demand = coo_array((cost, (place, at)), shape=shape)
    by_demand.has_canonical_format = True
    return by_demand.tocsr().T.tocsr()


def _cheapest(matrix: "csr_array[Any, Any]") -> "csr_array[Any, Any]":
    """Return the matrix with the least cost of each pair."""
    again = matrix.indices[1:] == matrix.indices[:-1]
    starts = matrix.indptr[1:-1]
    again[starts[(starts > 0) & (starts < len(matrix.indices))] - 1] = False
    if not again.any():
        return matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.data, matrix.indices, row))
    first = np.append(True, (np.diff(row[order]) != 0) | (np.diff(matrix.indices[order]) != 0))
    kept = order[first]
    ends = np.concatenate([[0], np.cumsum(np.bincount(row[kept], minlength=matrix.shape[0]))])
    return csr_array((matrix.data[kept], matrix.indices[kept], ends), shape=matrix.shape)
