"""From gains and rules to a choice with a proof: greedy, exchanges, bound, and on request the exact rest."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from geocommons.analysis.siting.answer import Note
from geocommons.analysis.siting.bound import Bound, bound_above, pick, turned
from geocommons.analysis.siting.by_candidate import Floats, Ints
from geocommons.analysis.siting.exact import choose_exactly
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.limits import Rules
from geocommons.analysis.siting.reach import merge_demand
from geocommons.analysis.siting.search import choose_greedily, improve
from geocommons.language import mark

SAME = 1e-9
NARROWER = 0.9
SLOW = 2e-4
PROOF_ROUNDS = 10


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How hard to look: rounds of so many steps of the bound, and seconds for an exact search after it (0: none)."""

    rounds: int = 2
    steps: int = 150
    exact_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Found:
    """A choice, its worth, the bound on any, and whether the two are proven to meet."""

    chosen: list[int]
    worth: float
    bound: float
    optimal: bool
    notes: tuple[Note, ...] = ()


@dataclass(eq=False)
class _Search:
    """The best choice so far, and the core: candidates (by number in the question) that a better one can hold."""

    gains: Gains
    rules: Rules
    chosen: list[int]
    worth: float
    kept: Ints
    core: Gains
    core_rules: Rules
    upper: float = np.inf
    level: Floats | None = None
    step: float = field(init=False)

    def __post_init__(self) -> None:
        # Where all values are whole numbers, a better choice is better by 1 at least.
        self.step = 1.0 if (self.gains.value == np.rint(self.gains.value)).all() else 0.0

    @property
    def proven(self) -> bool:
        """Whether no better choice is left."""
        return self.upper < self.worth + self.step * (1 - 1e-6) or self.upper <= self.worth * (1 + SAME)

    def offer(self, chosen: Iterable[int]) -> None:
        """Keep a choice if it is better."""
        sites = [int(site) for site in chosen]
        if (worth := self.gains.worth(sites)) > self.worth:
            self.chosen, self.worth = sites, worth
        self.upper = max(self.upper, self.worth)


def solve(gains: Gains, rules: Rules, effort: Effort) -> Found:
    """Return the best choice found within the rules, and what none can exceed."""
    search = _begin(gains, rules)
    for _ in range(effort.rounds if not effort.exact_s else PROOF_ROUNDS):
        before = search.upper, search.worth
        _tighten(search, effort.steps)
        if search.proven or (search.upper > before[0] * (1 - SLOW) and search.worth == before[1]):
            break
    notes = [Note(mark("Found by greedy choice and exchanges; the bound is Lagrangian."), {})]
    if effort.exact_s and not search.proven:
        notes.append(_finish(search, effort.exact_s))
    upper = search.worth if search.proven else search.upper
    return Found(search.chosen, search.worth, upper, search.proven, tuple(notes))


def _begin(gains: Gains, rules: Rules) -> _Search:
    must = [int(site) for site in rules.must]
    search = _Search(gains, rules, must, gains.worth(must), np.arange(gains.n_candidates), gains, rules)
    for per_cost in (False, True) if rules.bind else (False,):
        search.offer(improve(gains, rules, choose_greedily(gains, rules, must, per_cost=per_cost)))
    return search


def _tighten(search: _Search, steps: int) -> None:
    """Lower the bound, turn the sets met on the way into choices, and leave out what is proven out."""
    core, rules = search.core, search.core_rules
    bound = bound_above(core, rules, search.worth, steps=steps, level=search.level)
    search.upper = max(search.worth, min(search.upper, bound.value))
    search.level = bound.level
    for sites in {tuple(sorted(one)): None for one in bound.picks[-2:]}:
        start = choose_greedily(core, rules.within(sites), [int(site) for site in rules.must])
        search.offer(search.kept[improve(core, rules, start)])
    _narrow(search, bound)


def _keeps_to(rules: Rules, sites: list[int]) -> bool:
    """Say whether a set that the bound picked is a choice: within the budget, and spaced."""
    apart = all(not np.isin(rules.near(site), sites).any() for site in sites)
    return apart and rules.fits(float(rules.cost[sites].sum()))


def _narrow(search: _Search, bound: Bound) -> None:
    """Leave out of the core who is proven out of every better choice, and bind who is proven to be in all of them."""
    core, rules = search.core, search.core_rules
    found = pick(core.excess(bound.level), rules)
    worth = turned(found, rules) + float(bound.level.sum())
    needed = search.worth + max(search.step * (1 - 1e-6), SAME * search.worth)
    inside = np.zeros(core.n_candidates, dtype=bool)
    inside[found.taken] = True
    hopeless = worth < needed
    hopeless[rules.must] = False
    kept = np.flatnonzero(inside | (~hopeless & rules.allowed))
    must = np.union1d(rules.must, np.flatnonzero(inside & hopeless))
    if len(must) > rules.p or not _keeps_to(rules, [int(site) for site in must]):
        search.upper = search.worth
    elif len(kept) < NARROWER * core.n_candidates or len(must) > len(rules.must):
        search.kept, search.core_rules = search.kept[kept], rules.only(kept, must)
        search.core, search.level = _merge(core.only(kept), bound.level)


def _merge(core: Gains, level: Floats) -> tuple[Gains, Floats]:
    """Return gains with rows merged that the same candidates serve, and the levels of the merged rows."""
    if not core.flat:
        return core, level
    rows = merge_demand(core.n_rows, core.n_candidates, core.row.astype(np.intp), core.candidate)
    most = rows.weigh(core.most)
    return Gains(rows.start, rows.n_rows, rows.row, most[rows.row], True), rows.weigh(level)


def _finish(search: _Search, seconds: float) -> Note:
    """Search what is left of the core with HiGHS, and say how that ended."""
    number = np.full(search.gains.n_candidates, -1)
    number[search.kept] = np.arange(len(search.kept))
    start = number[search.chosen]
    found = choose_exactly(search.core, search.core_rules, start if (start >= 0).all() else None, search.step, seconds)
    if found.chosen is not None:
        search.offer(search.kept[found.chosen])
    search.upper = max(search.worth, min(search.upper, found.bound))
    if found.finished and not search.proven and search.upper <= search.worth * (1 + 1e-6):
        search.upper = search.worth
    if search.proven:
        return Note(mark("Proven to be the best by HiGHS."), {})
    return Note(mark("The exact search ended after {seconds:g} s without a proof."), {"seconds": seconds})
