"""The best choice, proven by branch and bound: HiGHS on what the Lagrangian bound has left."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, hstack, vstack

from geocommons.analysis.siting.by_candidate import Floats, Ints
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.highs import Exact, Model, run_model
from geocommons.analysis.siting.limits import Rules

LARGEST = 1e7
"""The worth of all together in a model: beyond it, tolerances of the solver would be as large as people."""


def choose_exactly(gains: Gains, rules: Rules, start: ArrayLike | None, step: float, seconds: float) -> Exact:
    """Return the best choice within the rules after at most so many seconds.

    The model has a column for each candidate and one for each level of a row, the values that it can be given: a level
    is reached if the level above it is, or a candidate that gives just it is chosen (Elloumi 2010); a cover has one
    level a row. Only the candidates are integer. `step` is the least by which worths differ, if known.
    """
    level = _levels(gains)
    total = float(gains.most.sum())
    scale = 1.0 if total <= LARGEST else LARGEST / total
    limits = limit_rows(rules)
    links = hstack([level.above, -level.given]).tocsr()
    count, sites = level.above.shape[0], gains.n_candidates
    matrix = vstack([links, hstack([csr_array((limits[0].shape[0], count)), limits[0]])]).tocsr()
    lower = np.zeros(count + sites)
    lower[count + rules.must] = 1.0
    upper = np.ones(count + sites)
    upper[count + np.flatnonzero(~rules.allowed)] = 0.0
    model = Model(
        np.concatenate([level.worth * scale, np.zeros(sites)]), lower, upper, matrix,
        np.concatenate([np.zeros(count), limits[1]]), count,
    )  # fmt: skip
    begin = None if start is None else np.asarray(start, dtype=np.intp)
    found = run_model(model, begin, seconds, gap=step * scale * 0.99)
    return Exact(found.chosen, found.bound / scale, found.finished)


@dataclass(frozen=True, eq=False)
class _Levels:
    """By level: what reaching it is worth, which level above implies it (identity less a shift), who gives just it."""

    worth: Floats
    above: Any
    given: Any


def _levels(gains: Gains) -> _Levels:
    order = np.lexsort((gains.candidate, -gains.value, gains.row))
    row, value, site = gains.row[order], gains.value[order], gains.candidate[order]
    new = np.ones(len(row), dtype=bool)
    new[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1])
    level = np.cumsum(new) - 1
    head = np.flatnonzero(new)
    goes_on = np.zeros(len(head), dtype=bool)
    goes_on[:-1] = row[head[1:]] == row[head[:-1]]
    below = np.where(goes_on, np.append(value[head[1:]], 0.0), 0.0)
    follows = np.flatnonzero(goes_on) + 1
    count = len(head)
    entry = np.concatenate([np.ones(count), -np.ones(len(follows))])
    at = np.concatenate([np.arange(count), follows]), np.concatenate([np.arange(count), follows - 1])
    given = csr_array((np.ones(len(site)), (level, site)), shape=(count, gains.n_candidates))
    return _Levels(value[head] - below, csr_array((entry, at), shape=(count, count)), given)


def limit_rows(rules: Rules) -> tuple[Any, Floats]:
    """Return the rows of number, budget and spacing over candidates, and what each may come to."""
    sites = len(rules.cost)
    rows, most = [np.ones((1, sites))], [float(rules.p)]
    if np.isfinite(rules.budget):
        rows.append(rules.cost[None, :])
        most.append(rules.budget * (1 + 1e-12) + 1e-12)
    groups = _cliques(rules)
    size = [len(group) for group in groups]
    entry = np.ones(sum(size)), (np.repeat(np.arange(len(groups)), size), np.concatenate([np.empty(0, int), *groups]))
    apart = csr_array(entry, shape=(len(groups), sites))
    return vstack([csr_array(np.concatenate(rows)), apart]).tocsr(), np.append(most, np.ones(len(groups)))


def _cliques(rules: Rules) -> list[Ints]:
    """Return groups of candidates all too near to each other, such that every two too near share a group.

    One row for a group binds the relaxation far more than a row for each pair.
    """
    near = [set(rules.near(site).tolist()) for site in range(len(rules.cost))]
    done: list[set[int]] = [set() for _ in near]
    groups = []
    for site, around in enumerate(near):
        for other in sorted(around):
            if other < site or other in done[site]:
                continue
            group, open_to = [site, other], around & near[other]
            while open_to:
                group.append(min(open_to))
                open_to = open_to & near[group[-1]]
            for member in group:
                done[member].update(group)
            groups.append(np.array(group, dtype=np.intp))
    return groups
