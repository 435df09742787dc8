"""The compiled sums give the same bits as the plain ones."""

import numpy as np
import pytest

from geocommons.analysis.siting.gains import Gains, weigh_cover
from geocommons.analysis.siting.reach import build_reach, merge_demand
from geocommons.analysis.siting.search import _exchanges


def random_gains(seed: int, *, compiled: bool) -> Gains:
    chance = np.random.default_rng(seed)
    values = np.round(chance.uniform(0, 50, (60, 12)), 1)  # many ties, some nothing
    demand, candidate = np.nonzero(values > 15)
    reach = build_reach(demand, candidate, values[demand, candidate], n_demand=60, n_candidates=12)
    matrix = merge_demand(60, 12, reach.demand, reach.candidate, reach.cost_m)
    gains = weigh_cover(matrix, matrix.weigh(chance.random(60)), total=3_000.0)
    gains.__dict__["compiled"] = compiled  # as the cached property would hold it
    return gains


@pytest.mark.parametrize("seed", range(5))
def test_compiled_sums_are_the_plain_ones(seed: int) -> None:
    plain, compiled = random_gains(seed, compiled=False), random_gains(seed, compiled=True)
    level = np.random.default_rng(seed).random(plain.n_rows) * plain.most
    assert not plain.flat
    assert (plain.excess(level) == compiled.excess(level)).all()
    assert (_exchanges(plain, [3, 0, 7]) == _exchanges(compiled, [3, 0, 7])).all()
