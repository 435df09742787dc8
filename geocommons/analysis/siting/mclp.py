"""Most people for so many sites: the maximal covering location problem (Church & ReVelle 1974)."""

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.siting.answer import Siting, as_weights, in_order
from geocommons.analysis.siting.by_candidate import Floats, Ints
from geocommons.analysis.siting.gains import Gains, on_grid, weigh_cover
from geocommons.analysis.siting.limits import Limits, Rules, check_limits
from geocommons.analysis.siting.reach import CoverMatrix
from geocommons.analysis.siting.solve import Effort, solve
from geocommons.errors import InvalidInput


def solve_mclp(
    cover: CoverMatrix,
    people: ArrayLike,
    limits: Limits,
    *,
    served: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    effort: Effort | None = None,
) -> Siting:
    """Return the sites that serve most weight (people, if no weight is given) of whom no site serves yet.

    `people`, `served` (true where a site serves already) and `weight` are by demand. A site that would add nothing is
    not chosen, so there may be fewer than p. Raises InvalidInput for limits that cannot be kept.
    """
    n_demand = len(cover.row_of)
    if limits.p is None and limits.budget is None:
        raise InvalidInput("Say how many sites may be chosen, or how much they may cost.")
    rules = check_limits(limits, cover.n_candidates)
    who = as_weights(people, n_demand)
    weighs = who if weight is None else as_weights(weight, n_demand)
    unserved = ~as_served(served, n_demand)
    gains = weigh_cover(cover, cover.weigh(on_grid(np.where(unserved, weighs, 0.0), float(weighs.sum()))))
    found = solve(gains, rules, effort or Effort())
    order, adds = in_order(gains, found.chosen)
    heads = weigh_cover(cover, cover.weigh(np.where(unserved, who, 0.0)))
    missed = unreached(cover, rules) & unserved
    return Siting(
        "mclp", order, adds, *heads_by_site(heads, order), found.worth, 0.0, found.bound, found.optimal,
        np.flatnonzero(missed), float(who[missed].sum()), found.notes,
    )  # fmt: skip


def as_served(served: ArrayLike | None, n_demand: int) -> np.ndarray:
    """Return who is served already, nobody if it is not said."""
    found = np.zeros(n_demand, dtype=bool) if served is None else np.asarray(served, dtype=bool)
    if found.shape != (n_demand,):
        raise InvalidInput("Say for each of {count} places whether a site serves it already.", count=n_demand)
    return found


def unreached(cover: CoverMatrix, rules: Rules) -> np.ndarray:
    """Return which demand no candidate reaches that may be chosen."""
    reached = np.zeros(cover.n_rows + 1, dtype=bool)
    reached[cover.row[cover.spread(rules.allowed)]] = True
    return ~reached[cover.row_of]


def heads_by_site(heads: Gains, order: Ints) -> tuple[Floats, Floats]:
    """Return by site in order how many people it is the first to serve, and how many no other of them serves."""
    sites = np.zeros(heads.n_rows, dtype=np.intp)
    adds = []
    for site in order:
        row, value = heads.of(site)
        adds.append(float(value[sites[row] == 0].sum()))
        sites[row] += 1
    only = [float(value[sites[row] == 1].sum()) for row, value in map(heads.of, order)]
    return np.array(adds), np.array(only)
