"""What HiGHS says is checked before it is believed."""

import numpy as np
import pytest

from geocommons.analysis.siting.highs import run_model
from geocommons.analysis.siting.limits import Limits, check_limits
from geocommons.analysis.siting.lscp import required
from geocommons.analysis.siting.set_cover import SetCover
from tests.analysis.siting.test_mclp import random_city


def question(seed: int) -> SetCover:
    people, _, cover = random_city(100, 100, seed)
    rules = check_limits(Limits(), 100)
    return SetCover(required(cover, (people > 0) & (cover.row_of >= 0), rules), rules, rules.cost)


@pytest.mark.parametrize("seed", range(4))
def test_a_start_that_is_handed_back_is_not_taken_for_the_best(seed: int) -> None:
    cover = question(seed)
    start = cover.search(steps=1)
    fresh, started = (run_model(cover.model(), one, 20, 0.99) for one in (None, np.array(start)))
    assert fresh.chosen is not None and started.chosen is not None and started.finished
    assert len(started.chosen) == len(fresh.chosen) == -fresh.bound


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_of_the_relaxation_is_below_the_best(seed: int) -> None:
    cover = question(seed)
    best = cover.solve(20)
    assert best.chosen is not None and best.finished
    assert len(cover.rules.must) <= cover.bound(20) <= len(best.chosen)
    quick = cover.search()
    assert quick is not None and len(quick) >= len(best.chosen)
