"""The shortest walks for so many sites: the p-median problem (Hakimi 1964)."""

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.siting.answer import Siting, as_weights, in_order
from geocommons.analysis.siting.by_candidate import Bools, Floats, Ints
from geocommons.analysis.siting.gains import on_grid, weigh_cover
from geocommons.analysis.siting.limits import Limits, check_limits
from geocommons.analysis.siting.reach import Reach, merge_demand
from geocommons.analysis.siting.solve import Effort, solve
from geocommons.errors import InvalidInput


def solve_p_median(
    reach: Reach,
    people: ArrayLike,
    limits: Limits,
    *,
    existing_m: ArrayLike | None = None,
    beyond_m: float | None = None,
    weight: ArrayLike | None = None,
    effort: Effort | None = None,
) -> Siting:
    """Return the sites with the least weight times metres from all who can be served to their nearest site.

    `existing_m` is the walk of each place to the sites there are (inf: none). Whoever is within reach of none counts as
    `beyond_m` away (the longest walk in the list, if it is not given); no walk counts for more. A site that would
    shorten no walk is not chosen. Raises InvalidInput for limits that cannot be kept.
    """
    if limits.p is None and limits.budget is None:
        raise InvalidInput("Say how many sites may be chosen, or how much they may cost.")
    rules = check_limits(limits, reach.n_candidates)
    who = as_weights(people, reach.n_demand)
    weighs = who if weight is None else as_weights(weight, reach.n_demand)
    now = as_walks(existing_m, reach.n_demand)
    served = np.isfinite(now)
    served[reach.demand[rules.allowed[reach.candidate]]] = True
    furthest = max(float(reach.cost_m.max(initial=0.0)), float(now[np.isfinite(now)].max(initial=0.0)))
    walk = np.where(served, np.minimum(now, furthest if beyond_m is None else float(beyond_m)), 0.0)
    saved = walk[reach.demand] - reach.cost_m
    use = (saved > 0) & (weighs[reach.demand] > 0)
    matrix = merge_demand(reach.n_demand, reach.n_candidates, reach.demand[use], reach.candidate[use], saved[use])
    gains = weigh_cover(matrix, matrix.weigh(weighs), total=float((weighs * walk).sum()))
    found = solve(gains, rules, effort or Effort())
    order, adds = in_order(gains, found.chosen)
    before = float(on_grid(weighs * walk, float((weighs * walk).sum())).sum())
    adds_people, only_people = _people(reach, order, walk, who)
    return Siting(
        "p_median", order, adds, adds_people, only_people, before - float(adds.sum()), before,
        before - found.bound, found.optimal, np.flatnonzero(~served), float(who[~served].sum()), found.notes,
    )  # fmt: skip


def as_walks(existing_m: ArrayLike | None, n_demand: int) -> Floats:
    """Return the walk of each place to the sites there are, inf where it is not said."""
    walk = np.full(n_demand, np.inf) if existing_m is None else np.asarray(existing_m, dtype=np.float64)
    if walk.shape != (n_demand,) or np.isnan(walk).any() or (walk < 0).any():
        raise InvalidInput("Give for each of {count} places the metres to the nearest site there is.", count=n_demand)
    return walk


def _people(reach: Reach, order: Ints, walk: Floats, who: Floats) -> tuple[Floats, Floats]:
    """Return by site in order how many people's walk it shortens, and how many have it as their nearest in the end."""
    shortest, nearest = walk.copy(), np.full(reach.n_demand, -1)
    adds = np.zeros(len(order))
    for nth, site in enumerate(order):
        pairs = reach.pairs_of(site)
        demand, cost = reach.demand[pairs], reach.cost_m[pairs]
        shorter: Bools = cost < shortest[demand]
        adds[nth] = who[demand[shorter]].sum()
        shortest[demand[shorter]], nearest[demand[shorter]] = cost[shorter], nth
    held = nearest >= 0
    return adds, np.bincount(nearest[held], weights=who[held], minlength=len(order)).astype(float)
