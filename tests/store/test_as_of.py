"""The stored public states against the question they answer: who stewards what on this day?"""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from geocommons.layer import get_layer
from geocommons.model.party import Party
from geocommons.model.public import states_of
from geocommons.model.site import Site, StretchState
from geocommons.model.tenure import IN_FORCE, Tenure, TenureParty
from geocommons.store.engine import Store
from geocommons.store.sites import SiteFilter, list_sites
from geocommons.store.stewardship import tenures_on
from tests.make import TODAY, hold, load, write_layer

FIRST = date(2020, 1, 1)
LINE = shapely.LineString([(5, 52), (5.05, 52.01), (5.1, 52)])


def river_site() -> Site:
    return Site(
        id=1, layer="rivers", ref="R", name="R", geom=LINE, facts={}, certainty=8,
        area_m2=None, length_m=6867.0, parent_id=None, since=None, until=None,
    )  # fmt: skip


@st.composite
def tenures(draw: st.DrawFn) -> Tenure:
    start, low = draw(st.integers(0, 900)), draw(st.integers(0, 6000))
    first = FIRST + timedelta(days=start)
    return Tenure(
        site_id=1, rrr="responsibility", claimant="group:x", record_id=1, exclusive=True,
        type=draw(st.sampled_from(["stewardship", "sponsorship"])),
        status=draw(st.sampled_from(["current", "ended", "requested", "refused"])),
        from_m=float(low), to_m=float(low + draw(st.integers(1, 800))),
        valid_from=first, valid_to=first + timedelta(days=draw(st.integers(1, 900))),
        parties=[TenureParty(party=Party(kind="group", name="X"), share_num=1, share_den=1)],
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(tenures(), max_size=6), st.integers(-30, 1900))
def test_the_state_of_any_day_names_the_tenures_in_force_that_day(held: list[Tenure], offset: int) -> None:
    on = FIRST + timedelta(days=offset)
    states, stretches = states_of(get_layer("rivers"), river_site(), held, records={1: "A"})
    [state] = [state for state in states if state.valid_from <= on < state.valid_to]
    in_force = [one for one in held if one.status in IN_FORCE and one.valid_from <= on < one.ends]
    care = [one for one in in_force if one.type == "stewardship"]
    assert (state.status in ("cared_for", "lapsing")) == bool(care)
    assert state.state.count('"since"') == len(in_force)
    pieces = [piece for piece in stretches if piece.valid_from <= on < piece.valid_to]
    assert [piece.from_m for piece in pieces[1:]] == [piece.to_m for piece in pieces[:-1]]
    for piece in pieces:
        middle = (piece.from_m + piece.to_m) / 2
        holders = [one for one in care if (one.from_m or 0) <= middle < (one.to_m or 0)]
        assert (piece.status in ("cared_for", "lapsing")) == bool(holders)


@settings(max_examples=60, deadline=None)
@given(st.lists(tenures(), max_size=6))
def test_the_states_of_a_site_cover_every_day_once(held: list[Tenure]) -> None:
    states, _ = states_of(get_layer("rivers"), river_site(), held, records={1: "A"})
    assert (states[0].valid_from, states[-1].valid_to) == (date(1, 1, 1), date(9999, 12, 31))
    assert all(one.valid_to == other.valid_from for one, other in pairwise(states))


def test_the_stored_answer_is_the_answer_from_the_tenures_on_every_day(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": f"R{at}", "geometry": LINE} for at in range(4)]), "rivers")
    dates = [f"{2020 + at}-01-01,{2022 + at}-07-01,A-{at},," for at in range(3)]
    held = [f"rivers,R{at},Group {at},group,responsibility,stewardship,{at * 100},{at * 100 + 90}," for at in range(3)]
    hold(store, tmp_path, *(one + other for one, other in zip(held, dates, strict=True)))
    for year in range(2019, 2028):
        on = date(year, 3, 1)
        with store.reading() as session:
            asked = {tenure.site_id for tenure in session.scalars(tenures_on(on))}
            assert {site.id for site in list_sites(session, SiteFilter(day=on)) if site.state.get("tenures")} == asked


def test_the_pieces_of_a_river_cover_it_once(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": "R", "geometry": LINE}]), "rivers")
    hold(store, tmp_path, "rivers,R,Otters,group,responsibility,stewardship,1000,2500.5,2024-01-01,,A-1,,")
    with store.reading() as session:
        pieces = session.scalars(
            select(StretchState).where(StretchState.valid_to > TODAY).order_by(StretchState.from_m)
        )
        found = [(round(piece.from_m, 1), piece.status) for piece in pieces]
    assert found == [(0.0, "available"), (1000.0, "cared_for"), (2500.5, "available")]
