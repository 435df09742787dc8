"""RAAM: everybody goes where walk and queue cost least together, until nobody gains by going elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geocommons.analysis.amounts import PEOPLE, SUPPLY, Floats, Ints, checked_amounts, dot
from geocommons.analysis.compiled import kernel, pays
from geocommons.analysis.crowding.catchments import Catchments
from geocommons.errors import InvalidInput

EQUAL_WITHIN = 1e-5
MAX_SWEEPS = 1000
PLAIN_S_A_PAIR = 4e-4
"""What all passes take for each pair of people and site within reach without a compiler (170 passes at 2.6 µs)."""


@dataclass(frozen=True, eq=False)
class RationalAccess:
    """What walk and queue cost from each demand at the equilibrium: low is good, 1 is a queue of the average length.

    `cost` is inf where no site is within reach (`stranded_demand`). `users` are the people who go to each site,
    `congestion` its queue (0: nobody goes there; NaN: no supply, or closed). `gap` says how much more people pay
    than if each went by the final queues to the cheapest site, as a part of what they pay; `converged` says
    that it came under what was asked for within `sweeps` passes.
    """

    cost: Floats
    users: Floats
    congestion: Floats
    gap: float
    sweeps: int
    converged: bool
    stranded_demand: Ints


def rational_access(
    catchments: Catchments,
    people: ArrayLike,
    supply: ArrayLike,
    *,
    tau: float,
    rho: float | None = None,
    open_sites: NDArray[np.bool_] | None = None,
    equal_within: float = EQUAL_WITHIN,
    max_sweeps: int = MAX_SWEEPS,
) -> RationalAccess:
    """Return the rational agent access model (Saxon & Snow 2020).

    cost_ij = (people at j / S_j) / rho + d_ij / tau. `tau` is the cost (metres or minutes, as in the pairs) that weighs
    as much as an average queue; `rho` is people for one unit of supply in an average queue (by default all people by
    all supply). Only pairs within the reach of the catchments exist; their weights play no part.

    Each pass lets the people of one demand after the other divide themselves as is cheapest given all others. That
    lowers a convex potential at every step (Beckmann 1956), so queues come to one equilibrium from any start.
    """
    persons = checked_amounts(people, catchments.demands, PEOPLE)
    amounts = checked_amounts(supply, catchments.sites, SUPPLY)
    serving = amounts > 0 if open_sites is None else (amounts > 0) & open_sites
    if rho is None:
        rho = float(persons.sum() / amounts[serving].sum()) if serving.any() else np.nan
    if not (0 < tau < np.inf and 0 < rho < np.inf):
        raise InvalidInput("RAAM needs people, supply, and a tau over 0. Give a tau in the unit of the costs.")
    travel = _by_demand(catchments, serving, tau)
    slope = np.where(serving, 1 / (rho * np.where(serving, amounts, 1.0)), np.nan)
    users, paid, sweeps = _settle(travel, amounts, persons, slope, equal_within, max_sweeps)
    reached = np.diff(travel.indptr) > 0
    cost = np.full(len(persons), np.inf)
    if reached.any():
        queues = travel.data + (slope * users)[travel.indices]
        cost[reached] = np.minimum.reduceat(queues, travel.indptr[:-1][reached])
    gap = (paid - dot(persons[reached], cost[reached])) / paid if paid > 0 else 0.0
    stranded = np.flatnonzero(~reached & (persons > 0))
    return RationalAccess(cost, users, slope * users, gap, sweeps, gap <= equal_within, stranded)


def _settle(
    travel: "csr_array[Any, Any]", supply: Floats, people: Floats, slope: Floats, equal_within: float, max_sweeps: int
) -> tuple[Floats, float, int]:
    """Return the users of each site when nobody gains by going elsewhere, what all pay, and after how many passes."""
    equilibrate = _passing(travel.nnz)
    share, users = _first_shares(travel, supply, people)
    gap, sweeps = np.inf, 0
    while gap > equal_within and sweeps < max_sweeps:
        gap = equilibrate(travel.indptr, travel.indices, travel.data, people, slope, share, users)
        sweeps += 1
    paid = dot(share, travel.data + (slope * users)[travel.indices])
    return users, paid, sweeps


def _by_demand(catchments: Catchments, serving: NDArray[np.bool_], tau: float) -> "csr_array[Any, Any]":
    """Return what the way costs, a row for each demand, to sites that serve."""
    weights = catchments.weights
    kept = np.repeat(serving, np.diff(weights.indptr))
    ends = np.concatenate([[0], np.cumsum(kept)])[weights.indptr]
    by_site = csr_array((catchments.cost[kept] / tau, weights.indices[kept], ends), shape=weights.shape)
    return by_site.T.tocsr()


def _first_shares(travel: "csr_array[Any, Any]", supply: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Return a start: people divide themselves like the supply within reach. No start changes where it ends."""
    pull = csr_array((supply[travel.indices], travel.indices, travel.indptr), shape=travel.shape)
    total = pull @ np.ones(len(supply))
    scale = np.divide(people, total, out=np.zeros(len(people)), where=total > 0)
    share = pull.data * np.repeat(scale, np.diff(travel.indptr))
    return share, np.bincount(travel.indices, share, minlength=len(supply)).astype(np.float64)


def equilibrate_once(
    start: NDArray[Any], site: NDArray[Any], travel: Floats, people: Floats, slope: Floats, share: Floats, users: Floats
) -> float:
    """Let each demand divide its people anew, in place; return the gap that there was before.

    Invariant: the shares of a row add up to its people, the shares at a site to its users. Given all others, the people
    of a row face site costs of (base + slope x own people); the cheapest division fills them to one level. The level
    over all sites of the row is too high or right; sites whose base is not under it are dropped until none is. The gap
    is by the queues that each demand saw when its turn came.
    """
    paid, least = 0.0, 0.0
    for row in range(len(people)):
        first, last, persons = start[row], start[row + 1], people[row]
        if persons == 0.0 or first == last:
            continue
        cheapest, width, filled = np.inf, 0.0, persons
        for pair in range(first, last):
            at = site[pair]
            cost = travel[pair] + slope[at] * users[at]
            paid += share[pair] * cost
            cheapest = min(cheapest, cost)
            users[at] -= share[pair]
            share[pair] = travel[pair] + slope[at] * users[at]
            width += 1.0 / slope[at]
            filled += share[pair] / slope[at]
        least += persons * cheapest
        level, before = filled / width, np.inf
        while level < before:
            before, width, filled = level, 0.0, persons
            for pair in range(first, last):
                if share[pair] < before:
                    width += 1.0 / slope[site[pair]]
                    filled += share[pair] / slope[site[pair]]
            level = filled / width
        for pair in range(first, last):
            share[pair] = max(0.0, level - share[pair]) / slope[site[pair]]
            users[site[pair]] += share[pair]
    return (paid - least) / paid if paid > 0.0 else 0.0


def _passing(pairs: int) -> Callable[..., float]:
    """Return the pass, as machine code where that is worth its start for so many pairs; with the same bits."""
    if _compiled.cache_info().currsize or pays(__name__, "_compiled", pairs * PLAIN_S_A_PAIR):
        return _compiled()
    return equilibrate_once


@cache
def _compiled() -> Callable[..., float]:
    return kernel(equilibrate_once)
