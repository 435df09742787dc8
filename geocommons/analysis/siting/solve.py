"""From gains and rules to a choice with a proof: greedy, exchanges, bound, and on request the exact rest."""

from dataclasses import dataclass

import numpy as np

from geocommons.analysis.siting.answer import Note
from geocommons.analysis.siting.bound import bound_above
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.limits import Rules
from geocommons.analysis.siting.search import choose_greedily, improve


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How hard to look: steps of the bound, and seconds for the exact search (0: none)."""

    steps: int = 400
    exact_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Found:
    """A choice, its worth, the bound on any, and whether the two are proven to meet."""

    chosen: list[int]
    worth: float
    bound: float
    optimal: bool
    notes: tuple[Note, ...] = ()


def solve(gains: Gains, rules: Rules, effort: Effort) -> Found:
    """Return the best choice found within the rules, and what none can exceed."""
    must = [int(site) for site in rules.must]
    starts = [choose_greedily(gains, rules, must)]
    if rules.bind:
        starts.append(choose_greedily(gains, rules, must, per_cost=True))
    sets = [improve(gains, rules, start) for start in starts]
    worths = [gains.worth(one) for one in sets]
    chosen, worth = sets[int(np.argmax(worths))], max(worths)
    bound = bound_above(gains, rules, worth, steps=effort.steps)
    return Found(chosen, worth, max(bound.value, worth), bound.value <= worth)
