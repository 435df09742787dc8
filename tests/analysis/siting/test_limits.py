"""Limits that contradict each other are refused with one sentence that names them."""

from typing import Any

import numpy as np
import pytest

from geocommons.analysis.siting.limits import Limits, check_limits
from geocommons.errors import InvalidInput

XY = [[0.0, 0.0], [30.0, 0.0], [200.0, 0.0]]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"p": 0}, "No site may be chosen"),
        ({"p": 1, "must": [0, 1]}, "2 sites must be chosen, but only 1 may be"),
        ({"budget": 4, "cost": [3, 3, 1], "must": [0, 1]}, "cost 6, more than the budget of 4"),
        ({"budget": -1}, "budget is negative"),
        ({"p": 2, "must": [1], "must_not": [1]}, "Site 1 is both wanted and ruled out"),
        ({"p": 2, "must": [3]}, "no candidate 3"),
        ({"p": 2, "must_not": [-1]}, "no candidate -1"),
        ({"p": 2, "cost": [1, 2]}, "one cost for each of 3 candidates"),
        ({"p": 2, "cost": [1, 2, np.nan]}, "one cost for each of 3 candidates"),
        ({"p": 2, "spacing_m": 50}, "coordinates of all 3 candidates"),
        ({"p": 2, "spacing_m": 50, "xy": XY, "must": [0, 1]}, "Sites 0 and 1 must both be chosen, but are nearer"),
        (
            {"p": 2, "spacing_m": 50, "xy": XY, "must": [2], "existing_xy": [[210.0, 0.0]]},
            "nearer than 50 m to an exist",
        ),
    ],
)
def test_limits_in_conflict_are_named(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        check_limits(Limits(**asked), 3)


def test_a_refusal_calls_candidates_by_their_names() -> None:
    with pytest.raises(InvalidInput, match="Sites V-1 and V-2 must both"):
        check_limits(Limits(p=2, spacing_m=50, xy=XY, must=[0, 1], names=["V-1", "V-2", "V-3"]), 3)


def test_who_is_too_near_to_a_must_site_or_too_dear_is_ruled_out() -> None:
    rules = check_limits(Limits(p=2, spacing_m=50, xy=XY, must=[0], cost=[1, 1, 9], budget=5), 3)
    assert rules.allowed.tolist() == [True, False, False]


def test_where_must_sites_use_up_the_number_or_the_budget_no_other_has_room() -> None:
    for limits in (Limits(p=1, must=[1]), Limits(budget=1, must=[1])):
        assert check_limits(limits, 3).allowed.tolist() == [False, True, False]


def test_a_budget_of_exactly_the_costs_is_enough() -> None:
    assert check_limits(Limits(budget=0.3, cost=[0.1, 0.1, 0.1], must=[0, 1, 2]), 3).must.tolist() == [0, 1, 2]


def test_no_two_candidates_of_a_cell_can_be_chosen_together() -> None:
    xy = np.random.default_rng(0).uniform(0, 1_000, (200, 2))
    rules = check_limits(Limits(p=5, spacing_m=120, xy=xy), 200)
    assert rules.cell is not None
    for cell in np.unique(rules.cell):
        members = np.flatnonzero(rules.cell == cell)
        for site in members:
            assert set(members) - {site} <= set(rules.near(int(site)))
