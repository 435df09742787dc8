"""The fewest sites that serve everyone: the location set covering problem (Toregas et al. 1971)."""

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.siting.answer import Note, Siting, as_weights, in_order
from geocommons.analysis.siting.gains import Gains, on_grid, weigh_cover
from geocommons.analysis.siting.limits import Limits, Rules, check_limits
from geocommons.analysis.siting.mclp import as_served, heads_by_site, unreached
from geocommons.analysis.siting.reach import CoverMatrix
from geocommons.analysis.siting.reduce import reduce_cover
from geocommons.analysis.siting.set_cover import SetCover
from geocommons.analysis.siting.solve import Effort
from geocommons.errors import InvalidInput
from geocommons.language import mark

SECONDS = 20.0


def solve_lscp(
    cover: CoverMatrix,
    people: ArrayLike,
    limits: Limits,
    *,
    served: ArrayLike | None = None,
    effort: Effort | None = None,
) -> Siting:
    """Return the cheapest sites (the fewest, if no costs are given) that serve everyone who is not and can be served.

    `people` and `served` are by demand; a place without people needs no site. Raises InvalidInput for limits that
    cannot be kept: a number or a budget contradicts the question, and a spacing may leave no way to serve everyone.
    """
    if limits.p is not None or limits.budget is not None:
        raise InvalidInput("How many sites serve everyone is the question here. Give no number and no budget.")
    n_demand = len(cover.row_of)
    rules, who = check_limits(limits, cover.n_candidates), as_weights(people, n_demand)
    unserved = ~as_served(served, n_demand)
    missed = unreached(cover, rules) & unserved
    gains, core, kept = reduce_cover(required(cover, unserved & ~missed & (who > 0), rules), rules, rules.cost)
    question = SetCover(gains, core, core.cost)
    found, bound, optimal, note = _cheapest(question, limits, effort or Effort())
    chosen = kept[found]
    heads = weigh_cover(cover, cover.weigh(on_grid(np.where(unserved, who, 0.0), float(who.sum()))))
    order, adds = in_order(heads, chosen)
    return Siting(
        "lscp", order, adds, *heads_by_site(heads, order), float(rules.cost[chosen].sum()), 0.0, bound, optimal,
        np.flatnonzero(missed), float(who[missed].sum()), (note,),
    )  # fmt: skip


def required(cover: CoverMatrix, wanted: np.ndarray, rules: Rules) -> Gains:
    """Return gains of 1 for each row that must be served, rows renumbered to those alone."""
    rows = np.unique(cover.row_of[wanted])
    number = np.full(cover.n_rows, -1)
    number[rows] = np.arange(len(rows))
    kept = (number[cover.row] >= 0) & cover.spread(rules.allowed)
    return Gains(cover.start_of(kept), len(rows), number[cover.row[kept]], np.ones(int(kept.sum())), True)


def _cheapest(question: SetCover, limits: Limits, effort: Effort) -> tuple[list[int], float, bool, Note]:
    """Return sites, the bound on their cost, whether they are proven best, and how that was found."""
    bound = question.bound(SECONDS)
    chosen = question.search(goal=bound)
    cost = float("inf") if chosen is None else float(question.price[chosen].sum())
    note = Note(mark("Found by greedy choice and exchanges; the bound is that of the linear relaxation."), {})
    if chosen is None or (effort.exact_s and bound < cost):
        seconds = effort.exact_s or SECONDS
        found = question.solve(seconds)
        if found.chosen is None and chosen is None:
            raise _nobody(limits, found.finished, seconds)
        if found.chosen is not None and (price := float(question.price[found.chosen].sum())) < cost:
            chosen, cost = [int(site) for site in found.chosen], price
        bound = min(max(bound, found.bound), cost)
        note = Note(mark("The exact search ended after {seconds:g} s without a proof."), {"seconds": seconds})
        if found.finished:
            bound, note = cost, Note(mark("Proven to be the best by HiGHS."), {})
    return chosen or [], bound, bound >= cost * (1 - 1e-9), note


def _nobody(limits: Limits, finished: bool, seconds: float) -> InvalidInput:
    if finished:
        return InvalidInput(
            "No sites at least {spacing_m:g} m apart serve everyone. Ask for less between them.",
            spacing_m=limits.spacing_m,
        )
    return InvalidInput("No way to serve everyone was found in {seconds:g} s. Allow more time.", seconds=seconds)
