"""Health counts what lapsed, what hangs on one person and who waits, and never takes silence for nought."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.stewardship.care import care_of_year, few_gave
from geocommons.analysis.stewardship.health import find_health, find_successors, health_by, spread_days
from geocommons.analysis.stewardship.spells import day_number, find_spells
from geocommons.errors import InvalidInput

DAY = date(2024, 7, 1)
COLUMNS = ["site", "claimant", "kind", "status", "valid_from", "valid_to"]


def on(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def tenures(*rows: tuple[int, int, str, str, str, str | None], **columns: list[object]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("valid_from", "valid_to"):
        table[name] = pd.Series([on(text) for text in table[name]], dtype=object)
    given = {"layer": "gardens", "district": "West", "from_m": np.nan, "to_m": np.nan} | columns
    return table.assign(**given)


BOOK = tenures(
    (1, 10, "person", "current", "2023-01-01", None),
    (2, 11, "group", "current", "2023-01-01", None),
    (3, 12, "person", "ended", "2022-07-01", "2023-07-01"),
    (3, 13, "group", "current", "2023-07-31", None),
    (4, 14, "household", "ended", "2023-01-01", "2024-01-01"),
    (5, 10, "person", "ended", "2023-01-01", "2024-06-01"),
    (6, 15, "person", "requested", "2024-06-15", None),
    (2, 16, "person", "requested", "2024-06-20", None),
    (7, 17, "person", "refused", "2024-01-01", None),
)


def test_the_figures_of_a_day_are_those_counted_by_hand() -> None:
    found = find_health(BOOK, DAY, since=date(2023, 1, 1))
    assert (found.cared_for, found.stewards) == (3, 3)
    assert (found.waiting, found.requests) == (1, 2)
    assert found.on_one_person == (1,)
    assert found.lapsed == (4, 5)
    rate = found.lapse_rate
    # Watched up to 2 April, 90 days before: 4 lapsed, 5 ended too recently, 3 was taken over after 30 days.
    days = [457, 457, 181, 246, 365, 457]
    assert (rate.lapses, rate.undecided) == (1, 1)
    assert rate.years == pytest.approx(sum(days) / 365.25)
    assert rate.per_year == pytest.approx(1 / rate.years)
    # Garwood's interval of one event is 0.0253 to 5.572.
    assert (rate.low * rate.years, rate.high * rate.years) == (
        pytest.approx(0.0253, abs=1e-4),
        pytest.approx(5.572, abs=1e-3),
    )
    assert (found.handover.count, found.handover.median_days) == (1, 30)


def test_what_is_not_recorded_is_none_and_never_nought() -> None:
    found = find_health(BOOK, DAY)
    assert (found.wait, found.hours, found.overdue) == (None, None, None)


def test_a_place_is_asked_about_on_any_day() -> None:
    earlier = find_health(BOOK, date(2023, 7, 15))
    assert (earlier.cared_for, earlier.lapsed, earlier.requests) == (4, (3,), 0)


def test_a_register_without_tenures_has_no_rate() -> None:
    found = find_health(BOOK.iloc[:0], DAY)
    assert (found.cared_for, found.waiting, found.on_one_person, found.lapsed) == (0, 0, (), ())
    assert (found.lapse_rate.per_year, found.handover.median_days) == (None, None)


def test_a_site_with_two_people_does_not_hang_on_one() -> None:
    pair = tenures(*((1, who, "person", "current", "2023-01-01", None) for who in (1, 2)))
    assert find_health(pair, DAY).on_one_person == ()
    twice = tenures(*((1, 1, "person", "current", start, None) for start in ("2023-01-01", "2024-01-01")))
    assert find_health(twice, DAY).on_one_person == (1,)


def test_a_renewal_goes_on_with_the_same_spell() -> None:
    rows = tenures(
        (1, 1, "person", "ended", "2023-01-01", "2023-06-01"),
        (1, 1, "person", "ended", "2023-07-01", "2023-10-01"),
        (1, 1, "person", "current", "2023-11-01", None),
    )
    spells = find_spells(rows, DAY)
    assert spells["days"].tolist() == [273, 243]
    assert spells["ended"].tolist() == [True, False]
    assert find_spells(rows, DAY, renewed_within_days=29)["days"].tolist() == [151, 92, 243]


def test_a_tenure_is_over_on_its_last_day_and_not_the_day_before() -> None:
    rows = tenures((1, 1, "person", "ended", "2024-06-01", "2024-07-01"))
    assert find_spells(rows, DAY)[["days", "ended"]].to_numpy().tolist() == [[30, True]]
    assert find_spells(rows, date(2024, 6, 30))[["days", "ended"]].to_numpy().tolist() == [[29, False]]
    assert len(find_spells(rows, date(2024, 5, 31))) == 0


def test_frames_may_hold_dates_of_the_far_future_and_no_extents_at_all() -> None:
    rows = BOOK.assign(
        valid_to=pd.Series([date(9999, 12, 31)] * len(BOOK), dtype=object),
        from_m=pd.Series([None] * len(BOOK), dtype=object),
        to_m=pd.Series([None] * len(BOOK), dtype=object),
    )
    assert find_health(rows, DAY).cared_for == 5
    assert find_health(BOOK.assign(valid_to=pd.Series([None] * len(BOOK), dtype=object)), DAY).cared_for == 5


def test_only_who_takes_the_same_metres_is_a_successor() -> None:
    rows = tenures(
        (1, 1, "person", "ended", "2023-01-01", "2024-01-01"),
        (1, 2, "person", "current", "2024-01-05", None),
        (1, 3, "person", "current", "2024-02-01", None),
        from_m=[0.0, 500.0, 400.0],
        to_m=[500.0, 900.0, 600.0],
    )
    gap, passed_on = find_successors(find_spells(rows, DAY))
    assert gap.tolist() == [31] + [pytest.approx(np.nan, nan_ok=True)] * 2
    assert passed_on.tolist() == [True, False, False]


def test_a_place_that_another_holds_too_is_not_handed_over() -> None:
    rows = tenures(
        (1, 1, "person", "ended", "2023-01-01", "2024-01-01"), (1, 2, "person", "current", "2023-06-01", None)
    )
    gap, passed_on = find_successors(find_spells(rows, DAY))
    assert (gap[0], passed_on[0]) == (0, False)
    assert find_health(rows, DAY).lapse_rate.lapses == 0


def test_waiting_is_told_where_the_day_of_the_request_is_known() -> None:
    rows = tenures(
        (1, 1, "person", "current", "2024-01-11", None),
        (2, 2, "person", "current", "2024-01-31", None),
        (3, 3, "person", "current", "2024-01-01", None),
        (4, 4, "person", "requested", "2024-08-01", None),
        requested_on=[date(2024, 1, 1), date(2024, 1, 1), None, date(2024, 6, 30)],
    )
    found = find_health(rows, DAY)
    assert (found.wait.count, found.wait.median_days) == (2, 20)
    assert found.waiting == 1


def test_hours_are_spread_over_all_stewards() -> None:
    activities = pd.DataFrame(
        {
            "claimant": [10, 10, 13, 99, 10],
            "day": [date(2024, 1, 5), date(2024, 2, 5), date(2024, 2, 5), date(2024, 2, 6), date(2025, 1, 1)],
            "minutes": [300, 120, 60, 60, 6000],
        }
    )
    found = find_health(BOOK, DAY, since=date(2024, 1, 1), activities=activities, gini=lambda hours: float(len(hours)))
    # In force since the new year: 10, 11 and 13; 99 logged care without a tenure.
    assert (found.hours.stewards, found.hours.givers, found.hours.hours) == (4, 3, 9)
    assert (found.hours.mean_hours, found.hours.median_hours) == (2.25, 1)
    assert (found.hours.top_tenth, found.hours.gini) == (7 / 9, 4)
    silent = find_health(BOOK, DAY, since=date(2024, 1, 1), activities=activities.iloc[:0]).hours
    assert (silent.hours, silent.top_tenth, silent.gini) == (0, None, None)


def test_overdue_care_is_what_was_due_and_is_not_done() -> None:
    obligations = pd.DataFrame(
        {
            "site": [1, 1, 2, 3],
            "due_on": [date(2024, 6, 1), date(2024, 6, 30), date(2024, 7, 1), date(2024, 5, 1)],
            "done_on": pd.Series([None, date(2024, 7, 5), None, date(2024, 5, 20)], dtype=object),
        }
    )
    found = find_health(BOOK, DAY, obligations=obligations).overdue
    assert (found.obligations, found.sites, found.oldest_days) == (2, 1, 30)
    assert find_health(BOOK, DAY, obligations=obligations.iloc[:0]).overdue.obligations == 0


def test_each_district_has_its_own_figures() -> None:
    parts = health_by(BOOK.assign(district=["W", "E", "E", "E", None, "W", "W", "E", "W"]), DAY, "district")
    assert {name: part.cared_for for name, part in parts.items()} == {"E": 2, "W": 1, None: 0}


def test_what_is_due_counts_in_its_own_district_even_where_nobody_ever_was() -> None:
    duties = pd.DataFrame({"site": [1, 9, 8], "district": ["W", "N", None], "due_on": [date(2024, 6, 1)] * 3})
    duties["done_on"] = pd.Series([None, None, date(2024, 6, 2)], dtype=object)
    parts = health_by(BOOK, DAY, "district", obligations=duties.replace("W", "West"))
    late = {name: (part.cared_for, part.overdue.obligations) for name, part in parts.items() if part.overdue}
    assert late == {"N": (0, 1), "West": (3, 1), None: (0, 0)}


def test_a_year_of_care_is_365_days_up_to_and_with_the_day() -> None:
    days = [date(2023, 7, 2), date(2023, 7, 3), DAY, date(2024, 7, 2)]
    year = care_of_year(pd.DataFrame({"day": days, "minutes": [60, 90, 30, 60]}), DAY)
    assert year["hours"].tolist() == [1.5, 0.5]


def test_hours_of_fewer_than_five_tell_what_one_home_did_unless_all_are_organisations() -> None:
    gave = [("A", n, "person", 60) for n in range(5)] + [("B", n, "group", 60) for n in range(2)]
    gave += [("C", 7, "group", 60), ("C", 8, "household", 1), ("D", 7, "group", 60), ("D", 9, "person", 0)]
    care = pd.DataFrame([*gave, gave[0]], columns=["site", "claimant", "kind", "minutes"])
    assert few_gave(care, "site").to_dict() == {"A": False, "B": False, "C": True, "D": False}
    assert few_gave(care.iloc[1:5], "site").to_dict() == {"A": True}


def test_a_frame_without_a_column_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInput, match="no column kind, to_m"):
        find_spells(BOOK.drop(columns=["kind", "to_m"]), DAY)


def test_between_two_durations_the_median_is_their_mean() -> None:
    assert spread_days([1, 2, 9, 4]).median_days == 3
    assert spread_days([]).quantiles_days == {}


spans = st.lists(st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(0, 60), st.integers(1, 40)), max_size=8)


@given(spans, st.integers(0, 10))
def test_spells_are_the_days_in_force_with_short_breaks_filled(
    rows: list[tuple[int, int, int, int]], within: int
) -> None:
    zero = date(2024, 1, 1)
    book = tenures(
        *(
            (site, who, "person", "ended", str(zero + timedelta(start)), str(zero + timedelta(start + size)))
            for site, who, start, size in rows
        )
    )
    spells = find_spells(book, zero + timedelta(200), renewed_within_days=within)
    for (site, who), part in book.groupby(["site", "claimant"]):
        held = np.zeros(140, dtype=bool)
        for start, end in zip(part["valid_from"], part["valid_to"], strict=True):
            held[(start - zero).days : (end - zero).days] = True
        days = np.flatnonzero(held)
        breaks = np.flatnonzero(np.diff(days) > within + 1)
        first, last = days[np.append(0, breaks + 1)], days[np.append(breaks, len(days) - 1)] + 1
        mine = spells[(spells["site"] == site) & (spells["claimant"] == who)]
        assert (mine["from_day"] - day_number(zero)).tolist() == first.tolist()
        assert (mine["to_day"] - day_number(zero)).tolist() == last.tolist()
