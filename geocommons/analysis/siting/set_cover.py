"""Sites that together serve every row: greedy and exchanges, bounded by prices, proven by HiGHS."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import vstack

from geocommons.analysis.siting.by_candidate import Bools, Floats, Ints
from geocommons.analysis.siting.exact import limit_rows
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.highs import Exact, Model, relax_model, run_model
from geocommons.analysis.siting.limits import Rules
from geocommons.analysis.siting.search import choose_greedily

STEPS = 1_000


@dataclass(frozen=True, eq=False)
class SetCover:
    """All rows of the gains served within the rules, at the least price (by candidate)."""

    gains: Gains
    rules: Rules
    price: Floats

    @property
    def whole(self) -> bool:
        """Whether all prices are whole numbers, so that a bound can be rounded up."""
        return bool((self.price == np.rint(self.price)).all())

    @cached_property
    def servers(self) -> tuple[Ints, Ints]:
        """The candidates of each row: where they begin, and who they are."""
        by_row = self.gains.incidence.T.tocsr()
        return by_row.indptr, by_row.indices

    def search(self, goal: float = 0.0, steps: int = STEPS) -> list[int] | None:
        """Return a cheap set within number and spacing, None if none was met; stop at one no dearer than the goal.

        Greedy (Chvatal 1979), then exchanges by weights of rows that grow while a row is not served (Gao et al. 2015).
        """
        must = [int(site) for site in self.rules.must]
        state = _State(self, choose_greedily(self.gains, self.rules.unlimited(), must, per_cost=True))
        best: list[int] | None = None
        least, last = np.inf, -1
        for step in range(steps):
            while state.served.all():
                if (spent := state.spent) < least and state.inside.sum() <= self.rules.p:
                    best, least = [int(site) for site in np.flatnonzero(state.inside)], spent
                if least <= goal or not state.drop(last, step):
                    return best
            state.drop(last, step)
            last = state.add(least, step)
        return best

    def model(self) -> Model:
        """Return the model: each row served at least once."""
        limits, most = limit_rows(self.rules)
        matrix = vstack([-self.gains.incidence.T, limits]).tocsr()
        lower = np.zeros(self.gains.n_candidates)
        lower[self.rules.must] = 1.0
        ceiling = np.concatenate([-np.ones(self.gains.n_rows), most])
        return Model(-self.price, lower, self.rules.allowed.astype(float), matrix, ceiling, 0)

    def bound(self, seconds: float) -> float:
        """Return what no set can cost less than.

        Rows take the prices of the linear relaxation; whatever prices rows take, their sum and that of the sites'
        reduced costs below nothing is a bound, so the solver's word need not be taken for it.
        """
        relaxed = replace(self, rules=self.rules.unlimited())
        found = relax_model(relaxed.model(), seconds)
        if found.price is None or not self.gains.n_rows:
            return float(self.price[self.rules.must].sum())
        pays = np.abs(found.price[: self.gains.n_rows])
        left = self.price - self.gains.incidence @ pays
        left[self.rules.open_to] = np.minimum(left[self.rules.open_to], 0.0)
        left[~self.rules.allowed] = 0.0
        return self._rounded(float(pays.sum() + left.sum()))

    def _rounded(self, bound: float) -> float:
        """Return a bound rounded up where all prices are whole, and never below what must be chosen."""
        up = float(np.ceil(bound - 1e-6)) if self.whole and np.isfinite(bound) else bound
        return max(up, float(self.price[self.rules.must].sum()))

    def solve(self, seconds: float, *, first_will_do: bool = False) -> Exact:
        """Return the cheapest set, or what is known after so many seconds; `bound` is on the price."""
        gap = 0.99 if self.whole else 0.0
        found = run_model(self.model(), None, seconds, gap, first_will_do=first_will_do)
        return Exact(found.chosen, self._rounded(-found.bound), found.finished)


class _State:
    """A set on its way: who is inside, how often each row is served and how much it weighs, who moved when."""

    def __init__(self, question: SetCover, chosen: Iterable[int]) -> None:
        gains = question.gains
        self.question, self.rules = question, question.rules
        self.inside = np.zeros(gains.n_candidates, dtype=bool)
        self.inside[list(chosen)] = True
        self.served = gains.incidence.T @ self.inside.astype(float)
        self.weight = np.ones(gains.n_rows)
        self.moved = np.zeros(gains.n_candidates)
        self.price = np.maximum(question.price, 1e-12)

    @property
    def spent(self) -> float:
        """What the set costs."""
        return float(self.question.price[self.inside].sum())

    def drop(self, last: int, step: int) -> bool:
        """Take out whose loss for its price is least, but no must-site nor who came last; say whether one left."""
        may = self.inside & self.rules.open_to
        may[last] &= last < 0
        loses = self.question.gains.incidence @ (self.weight * (self.served == 1)) / self.price
        return self._move(may, -loses, step, -1.0) >= 0

    def add(self, least: float, step: int) -> int:
        """Put in who serves most weight for its price, of those who serve the heaviest row left; -1 if nobody may."""
        left = self.served == 0
        start, who = self.question.servers
        row = int(np.argmax(np.where(left, self.weight, 0.0)))
        may = np.zeros(len(self.inside), dtype=bool)
        may[who[start[row] : start[row + 1]]] = True
        may &= self.rules.open_to & (self.question.price < least - self.spent) & ~self._in_the_way()
        adds = self.question.gains.incidence @ (self.weight * left) / self.price
        site = self._move(may, adds, step, 1.0)
        self.weight[self.served == 0] += 1.0
        return site

    def _in_the_way(self) -> Bools:
        """Return who is too near to a member."""
        start, other = self.rules.clash
        near = np.zeros(len(self.inside), dtype=bool)
        near[other[np.repeat(self.inside, np.diff(start))]] = True
        return near

    def _move(self, may: Bools, score: Floats, step: int, sign: float) -> int:
        """Move the site of the highest score, of equals who has not moved for longest; -1 if none may."""
        if not may.any():
            return -1
        sites = np.flatnonzero(may)
        site = int(sites[np.lexsort((sites, self.moved[sites], -score[sites]))[0]])
        self.inside[site] = sign > 0
        self.served[self.question.gains.of(site)[0]] += sign
        self.moved[site] = step + 1
        return site
