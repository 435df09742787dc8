"""The shortest longest walk for so many sites: the p-center problem (Hakimi 1964; Minieka 1970)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.siting.answer import Note, Siting, as_weights, in_order
from geocommons.analysis.siting.by_candidate import Bools, Floats, Ints
from geocommons.analysis.siting.gains import weigh_cover
from geocommons.analysis.siting.limits import Limits, Rules, check_limits
from geocommons.analysis.siting.lscp import required
from geocommons.analysis.siting.mclp import heads_by_site, unreached
from geocommons.analysis.siting.p_median import as_walks
from geocommons.analysis.siting.reach import EQUAL_WITHIN_M, Reach
from geocommons.analysis.siting.reduce import reduce_cover
from geocommons.analysis.siting.set_cover import SetCover
from geocommons.analysis.siting.solve import Effort
from geocommons.errors import InvalidInput
from geocommons.language import mark

SECONDS = 20.0
STEPS = 300


def solve_p_center(
    reach: Reach,
    people: ArrayLike,
    limits: Limits,
    *,
    existing_m: ArrayLike | None = None,
    effort: Effort | None = None,
) -> Siting:
    """Return the sites with which the longest walk to the nearest site is shortest.

    `existing_m` is the walk of each place to the sites there are (inf: none); a place without people does not count,
    and one that nothing reaches is named. Raises InvalidInput for limits that cannot be kept, also if they leave no way
    to serve everyone within the pairs given.
    """
    if limits.p is None and limits.budget is None:
        raise InvalidInput("Say how many sites may be chosen, or how much they may cost.")
    rules, who = check_limits(limits, reach.n_candidates), as_weights(people, reach.n_demand)
    now = as_walks(existing_m, reach.n_demand)
    served = np.isfinite(now)
    served[reach.demand[rules.allowed[reach.candidate]]] = True
    question = _Question(reach, rules, now, served & (who > 0), limits.budget is not None)
    found = _bisect(question, effort or Effort())
    cover = reach.cover(found.longest_m)
    heads = weigh_cover(cover, cover.weigh(np.where(now > found.longest_m + EQUAL_WITHIN_M, who, 0.0)))
    order, adds = in_order(heads, found.chosen)
    before = float(now[question.counts].max(initial=0.0))
    return Siting(
        "p_center", order, adds, *heads_by_site(heads, order), found.longest_m, before, found.bound_m,
        found.longest_m <= found.bound_m, np.flatnonzero(~served), float(who[~served].sum()), (found.note,),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Question:
    """Whom to serve, by which candidates, within which rules; `dear` says that a budget binds, not the number alone."""

    reach: Reach
    rules: Rules
    now: Floats
    counts: Bools
    dear: bool

    @property
    def walks(self) -> Floats:
        """Every walk that can be the longest, shortest first."""
        pairs = self.counts[self.reach.demand] & self.rules.allowed[self.reach.candidate]
        walks = np.concatenate([self.reach.cost_m[pairs], self.now[self.counts], [0.0]])
        return np.unique(walks[np.isfinite(walks)])

    def within(self, longest_m: float) -> tuple[SetCover, Ints] | None:
        """Return the set cover that no walk exceeds, None if somebody has no candidate so near."""
        wanted = self.counts & (self.now > longest_m + EQUAL_WITHIN_M)
        cover = self.reach.cover(longest_m)
        if unreached(cover, self.rules)[wanted].any():
            return None
        price = self.rules.cost if self.dear else np.ones(len(self.rules.cost))
        gains, core, kept = reduce_cover(required(cover, wanted, self.rules), self.rules, price)
        return SetCover(gains, core, price[kept]), kept

    @property
    def most(self) -> float:
        """What a set may come to in the price of the set cover."""
        return self.rules.budget if self.dear else float(self.rules.p)


@dataclass(frozen=True, eq=False)
class _Found:
    chosen: list[int]
    longest_m: float
    bound_m: float
    note: Note


class _Trials:
    """Walks tried by position: who serves everyone within it (None: proven that nobody can), if it was decided."""

    def __init__(self, question: _Question) -> None:
        self.question = question
        self.decided: dict[int, list[int] | None] = {}

    def quickly(self, walk: int, longest_m: float) -> None:
        """Decide a walk by greedy choice and exchanges, or by the linear relaxation, if these can."""
        found = self.question.within(longest_m)
        if found is None:
            self.decided[walk] = None
            return
        cover, kept = found
        chosen = cover.search(goal=self.question.most, steps=STEPS)
        if chosen is not None and self._affordable(cover, chosen):
            self.decided[walk] = [int(kept[site]) for site in chosen]
        elif cover.bound(SECONDS) > self.question.most * (1 + 1e-9) + 1e-9:
            self.decided[walk] = None

    def exactly(self, walk: int, longest_m: float, seconds: float) -> None:
        """Decide a walk by branch and bound, if the time is enough."""
        found = self.question.within(longest_m)
        if found is None:
            self.decided[walk] = None
            return
        cover, kept = found
        exact = cover.solve(seconds, first_will_do=True)
        if exact.chosen is not None and self._affordable(cover, [int(site) for site in exact.chosen]):
            self.decided[walk] = [int(kept[site]) for site in exact.chosen]
        elif exact.finished:
            self.decided[walk] = None

    def _affordable(self, cover: SetCover, chosen: list[int]) -> bool:
        return len(chosen) <= cover.rules.p and cover.rules.fits(float(cover.rules.cost[chosen].sum()))


def _bisect(question: _Question, effort: Effort) -> _Found:
    """Return the shortest longest walk found, with who gives it, and the shortest not proven out of reach."""
    walks, trials = question.walks, _Trials(question)
    last, seconds = len(walks) - 1, effort.exact_s or SECONDS
    trials.quickly(last, walks[last])
    if last not in trials.decided:
        trials.exactly(last, walks[last], seconds)
    if trials.decided.get(last) is None:
        raise _nobody(last in trials.decided, seconds)

    def try_quickly(walk: int) -> None:
        trials.quickly(walk, walks[walk])

    def try_exactly(walk: int) -> None:
        trials.exactly(walk, walks[walk], seconds)

    low, high = _narrow(-1, last, trials.decided, try_quickly)
    note = Note(mark("Found by bisection over walks with greedy choice, exchanges and linear relaxations."), {})
    if effort.exact_s and high - low > 1:
        low, high = _narrow(low, high, trials.decided, try_exactly)
        if high - low > 1:
            note = Note(mark("The exact search ended after {seconds:g} s without a proof."), {"seconds": seconds})
        else:
            note = Note(mark("Proven to be the best by HiGHS."), {})
    return _Found(trials.decided[high] or [], float(walks[high]), float(walks[low + 1]), note)


def _narrow(
    low: int, high: int, decided: dict[int, list[int] | None], attempt: Callable[[int], None]
) -> tuple[int, int]:
    """Return the longest walk proven too short and the shortest that is not, bisecting from both sides."""
    floor = low
    while high - floor > 1:
        middle = (floor + high) // 2
        attempt(middle)
        if decided.get(middle) is not None:
            high = middle
        else:
            floor = middle
            low = middle if middle in decided else low
    ceiling = high
    while ceiling - low > 1:
        middle = (low + ceiling) // 2
        if middle not in decided:
            attempt(middle)
        if middle in decided and decided[middle] is None:
            low = middle
        else:
            ceiling = middle
    return low, high


def _nobody(proven: bool, seconds: float) -> InvalidInput:
    if proven:
        return InvalidInput("No sites within the limits reach everyone who can be reached. Allow more of them.")
    return InvalidInput("No way to serve everyone was found in {seconds:g} s. Allow more time.", seconds=seconds)
