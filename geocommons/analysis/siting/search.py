"""Good choices fast: lazy greedy, then exchanges until none helps."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from geocommons.analysis.siting.by_candidate import Bools, Floats, Ints
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.limits import Rules

MOST_SWAPS = 1_000


def choose_greedily(gains: Gains, rules: Rules, chosen: Sequence[int] = (), *, per_cost: bool = False) -> list[int]:
    """Return a set grown by the candidate that adds most (`per_cost`: most per unit of cost) until none adds or fits.

    What a candidate adds never grows, so an old value that still leads needs no other to be computed anew (Minoux
    1978). Of equals the first by position is taken.
    """
    chosen = [*chosen]
    if len(chosen) >= rules.p:
        return chosen
    best = gains.best(chosen)
    price = np.maximum(rules.cost, 1e-12) if per_cost else np.ones(gains.n_candidates)
    open_to = _open(rules, chosen)
    score = gains.excess(best) / price
    heap = [(-score[site], int(site), len(chosen)) for site in np.flatnonzero(open_to & (score > 0))]
    heapq.heapify(heap)
    spent = float(rules.cost[chosen].sum())
    while heap and len(chosen) < rules.p:
        _, site, age = heapq.heappop(heap)
        if not open_to[site] or not rules.fits(spent + rules.cost[site]):
            continue
        row, value = gains.of(site)
        if age == len(chosen):
            chosen.append(site)
            spent += rules.cost[site]
            best[row] = np.maximum(best[row], value)
            open_to[rules.near(site)] = False
        elif (adds := float(np.maximum(value - best[row], 0.0).sum())) > 0:
            heapq.heappush(heap, (-adds / price[site], site, len(chosen)))
    return chosen


def _open(rules: Rules, chosen: Sequence[int]) -> Bools:
    """Return which candidates may join a set, costs aside."""
    open_to = rules.allowed.copy()
    for site in chosen:
        open_to[site] = False
        open_to[rules.near(site)] = False
    return open_to


def improve(gains: Gains, rules: Rules, chosen: Sequence[int]) -> list[int]:
    """Return a set that no exchange betters, nor (where costs or spacing bind) dropping one and refilling."""
    chosen = swap(gains, rules, chosen)
    while rules.bind and (better := _refill(gains, rules, chosen)) is not None:
        chosen = swap(gains, rules, better)
    return chosen


def swap(gains: Gains, rules: Rules, chosen: Sequence[int]) -> list[int]:
    """Return a set after the best exchange, again and again until none helps."""
    chosen = choose_greedily(gains, rules, chosen)
    for _ in range(MOST_SWAPS if chosen else 0):
        change = _exchanges(gains, chosen)
        change[~_exchangeable(rules, chosen)] = -np.inf
        site, slot = np.unravel_index(int(change.argmax()), change.shape)
        if not change[site, slot] > 0:
            break
        chosen[slot] = int(site)
        chosen = choose_greedily(gains, rules, chosen)
    return chosen


@dataclass(frozen=True, eq=False)
class _Served:
    """By row: the best value, the slot that gives it (-1 none), and the second best."""

    best: Floats
    slot: Ints
    second: Floats


def _serve(gains: Gains, chosen: Sequence[int]) -> _Served:
    best, second = np.zeros(gains.n_rows), np.zeros(gains.n_rows)
    slot = np.full(gains.n_rows, -1)
    for nth, site in enumerate(chosen):
        row, value = gains.of(site)
        before = best[row]
        better = value > before
        second[row] = np.where(better, before, np.maximum(second[row], value))
        best[row] = np.where(better, value, before)
        slot[row[better]] = nth
    return _Served(best, slot, second)


def _exchanges(gains: Gains, chosen: Sequence[int]) -> Floats:
    """Return by candidate and slot what an exchange changes (Whitaker 1983; Resende & Werneck 2007).

    A newcomer adds what it gives above the best; who leaves takes the best down to the second best, but
    for rows where the newcomer gives more than that.
    """
    served, slots = _serve(gains, chosen), len(chosen)
    adds = gains.excess(served.best)
    held = served.slot >= 0
    loses = np.bincount(served.slot[held], weights=(served.best - served.second)[held], minlength=slots)
    return np.asarray(adds[:, None] - loses[None, :] + _saves(gains, served, slots))


def _saves(gains: Gains, served: _Served, slots: int) -> Floats:
    """Return by candidate and slot what the candidate gives the rows of the slot above their second best."""
    if gains.flat:
        alone = np.flatnonzero(served.best > served.second)
        held = csr_array((served.best[alone], (alone, served.slot[alone])), shape=(gains.n_rows, slots))
        return np.asarray((gains.incidence @ held).toarray())
    if gains.compiled:
        from geocommons.analysis.siting.kernels import saves_by_slot

        return saves_by_slot(*gains.by_row, served.best, served.second, served.slot, gains.n_candidates, slots)
    pair = np.flatnonzero((served.slot >= 0)[gains.row] & (gains.value > served.second[gains.row]))
    row = gains.row[pair]
    saves = np.minimum(gains.value[pair], served.best[row]) - served.second[row]
    both = np.bincount(gains.candidate[pair] * slots + served.slot[row], saves, gains.n_candidates * slots)
    return both.reshape(-1, slots).astype(float)


def _exchangeable(rules: Rules, chosen: Sequence[int]) -> Bools:
    """Return by candidate and slot which exchanges keep to the rules."""
    may = np.repeat(rules.allowed[:, None], len(chosen), axis=1)
    may[chosen] = False
    may[:, np.isin(chosen, rules.must)] = False
    left = rules.budget * (1 + 1e-12) + 1e-12 - rules.cost[chosen].sum()
    may &= rules.cost[:, None] - rules.cost[chosen][None, :] <= left
    near = np.zeros_like(may)
    for slot, site in enumerate(chosen):
        near[rules.near(site), slot] = True
    return np.asarray(may & (near.sum(axis=1)[:, None] - near == 0))


def _refill(gains: Gains, rules: Rules, chosen: Sequence[int]) -> list[int] | None:
    """Return the best set with one site dropped and the room refilled, if it is better."""
    sets = [list(chosen)]
    for slot, site in enumerate(chosen):
        if site in rules.must:
            continue
        rest = [*chosen[:slot], *chosen[slot + 1 :]]
        without = rules.without(site)
        sets += [choose_greedily(gains, without, rest, per_cost=per_cost) for per_cost in (False, True)]
    worths = [gains.worth(one) for one in sets]
    best = int(np.argmax(worths))
    return sets[best] if worths[best] > worths[0] else None
