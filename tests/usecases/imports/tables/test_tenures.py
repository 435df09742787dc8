"""Who holds what, from a table."""

from pathlib import Path

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from geocommons.errors import InvalidInput
from geocommons.model.actor import Actor
from geocommons.model.party import Party
from geocommons.model.tenure import Tenure
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.records import find_or_add_record
from geocommons.store.sites import SiteFilter, list_sites
from geocommons.usecases.imports.tables.tenures import import_tenures
from tests.make import HEADER, NOW, TODAY, counts, day, hold, load, square, write_layer
from tests.town import add

LEASE = "clt-parcels,P1,A. Jansen,household,right,ground_lease,,,2020-01-01,2030-01-01,LEASE-1,,"


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Store:
    """Two parcels and a river of about 6.8 km."""
    load(store, write_layer(tmp_path / "p.gpkg", [{"ref": f"P{at}", "geometry": square(at)} for at in (1, 2)]))
    river = shapely.LineString([(5.0, 52.0), (5.1, 52.0)])
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": "R", "geometry": river}]), "rivers")
    return store


def adopt(party: str, from_m: str, to_m: str, since: str, until: str = "") -> str:
    return f"rivers,R,{party},group,responsibility,stewardship,{from_m},{to_m},{since},{until},A-{party}-{since},,"


def states(store: Store, when: str = str(TODAY)) -> dict[str, dict[str, object]]:
    with store.reading() as session:
        return {site.ref: site.state for site in list_sites(session, SiteFilter(day=day(when)))}


def test_a_lease_shows_from_its_first_day_up_to_its_last(town: Store, tmp_path: Path) -> None:
    assert counts(hold(town, tmp_path, LEASE)) == {"read": 1, "accepted": 1}
    said = {
        when: states(town, when)["P1"]["status"] for when in ("2019-12-31", "2020-01-01", "2029-12-31", "2030-01-01")
    }
    assert said == {
        "2019-12-31": "available",
        "2020-01-01": "cared_for",
        "2029-12-31": "lapsing",
        "2030-01-01": "available",
    }


def test_a_household_is_not_named_unless_it_agreed(town: Store, tmp_path: Path) -> None:
    hold(
        town,
        tmp_path,
        LEASE,
        LEASE.replace("P1", "P2").replace("A. Jansen", "B. de Wit").replace("LEASE-1", "L-2") + "yes",
    )
    said = states(town)
    assert "Jansen" not in str(said["P1"])
    assert "LEASE-1" not in str(said["P1"])
    assert "B. de Wit" in str(said["P2"])


def test_the_same_table_again_changes_nothing(town: Store, tmp_path: Path) -> None:
    lines = (LEASE, adopt("Otters", "0", "500", "2024-01-01"))
    hold(town, tmp_path, *lines)
    assert counts(hold(town, tmp_path, *lines)) == {"read": 2, "unchanged": 2}


def test_a_tenure_that_was_ended_is_updated(town: Store, tmp_path: Path) -> None:
    hold(town, tmp_path, LEASE)
    assert counts(hold(town, tmp_path, LEASE.replace("2030-01-01", "2025-01-01"))) == {"read": 1, "updated": 1}
    assert states(town)["P1"]["status"] == "available"


def test_stretches_may_meet_but_not_overlap_in_metres_and_time(town: Store, tmp_path: Path) -> None:
    report = hold(
        town,
        tmp_path,
        adopt("Otters", "0", "500", "2024-01-01"),
        adopt("Herons", "500", "900", "2024-01-01"),
        adopt("Beavers", "400", "600", "2025-01-01"),
        adopt("Beavers", "400", "600", "2020-01-01", "2024-01-01"),
    )
    assert counts(report) == {"read": 4, "accepted": 3, "rejected": 1}
    assert "held by another stewardship" in report.rows[0].reason
    with town.reading() as session:
        assert find_stale(session, list_site_ids(session)) == []


def test_the_database_itself_refuses_two_adoptions_of_one_stretch(town: Store, tmp_path: Path) -> None:
    hold(town, tmp_path, adopt("Otters", "0", "500", "2024-01-01"))
    with town.reading() as session:
        river = next(site.id for site in list_sites(session, SiteFilter(day=TODAY, layers=["rivers"])))

    def adopt_directly(**change: object) -> None:
        terms = {"from_m": 499.0, "to_m": 700.0, "valid_from": TODAY, "valid_to": None, "exclusive": True} | change
        with town.writing() as session:
            record = find_or_add_record(session, ref="A-X", kind="agreement", now=NOW)
            kind = {"rrr": "responsibility", "type": "stewardship", "status": "current"}
            who = {"site_id": river, "claimant": f"group:{change}", "record_id": record.id}
            session.add(Tenure(**who, **kind, **terms))

    with pytest.raises(IntegrityError):
        adopt_directly()
    with pytest.raises(IntegrityError):
        adopt_directly(from_m=None, to_m=None)
    adopt_directly(from_m=500.0)
    adopt_directly(valid_from=day("2023-01-01"), valid_to=day("2024-01-01"))
    adopt_directly(exclusive=False)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (LEASE.replace("P1", "P9"), "ref", "no site “P9”"),
        (LEASE.replace("clt-parcels", "castles"), "layer", "no layer"),
        (LEASE.replace("household", "tribe"), "party_kind", "not a kind of party"),
        (LEASE.replace("A. Jansen", "!!"), "party", "needs a letter"),
        (LEASE.replace(",right,", ",wrong,"), "class", "not a class"),
        (LEASE.replace("ground_lease", "feud"), "type", "not a type of right"),
        (LEASE.replace("2020-01-01", "1/2/2020"), "valid_from", "not a day"),
        (LEASE.replace("2020-01-01", "2020-01-01/2021-01-01"), "valid_from", "not a day"),
        (
            LEASE.replace("2020-01-01", "0001-01-01").replace("2030-01-01", "0001-01-02"),
            "valid_from",
            "No tenure begins",
        ),
        (LEASE.replace("2020-01-01", "9999-12-31").replace("2030-01-01", ""), "valid_from", "No tenure begins"),
        (LEASE.replace("2030-01-01", "2010-01-01"), "valid_to", "not after its first day"),
        (LEASE.replace("LEASE-1", ""), "record", "record"),
        (LEASE.replace("LEASE-1", "L" * 201), "record", "may have 200 signs"),
        (LEASE + "no,folio 5", "", "more fields than the header"),
        (adopt("Otters", "900", "100", "2024-01-01"), "to_m", "not on the line"),
        (adopt("Otters", "0", "99000", "2024-01-01"), "to_m", "not on the line"),
        (adopt("Otters", "-1", "9", "2024-01-01"), "from_m", "not on the line"),
        (adopt("Otters", "0", "", "2024-01-01"), "to_m", "both ends"),
        (LEASE.replace(",,,2020", ",0,10,2020"), "from_m", "Only a line"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_column_and_reason(
    town: Store, tmp_path: Path, line: str, column: str, reason: str
) -> None:
    report = hold(town, tmp_path, line, adopt("Herons", "1000", "1100", "2024-01-01"))
    assert counts(report) == {"read": 2, "accepted": 1, "rejected": 1}
    assert report.rows[0].column == column
    assert reason in report.rows[0].reason


@pytest.mark.parametrize(
    ("line", "reason", "english"),
    [
        (
            LEASE.replace("household", "huishouden"),
            "Gebruik een van: person (bewoner), household (huishouden), group (buurtgroep), organisation (organisatie),"
            " municipality (gemeente).",
            "Use one of: person (resident), household, group (group of neighbours), organisation, municipality.",
        ),
        (
            LEASE.replace("ground_lease", "pacht"),
            "“pacht” is geen type recht. Gebruik een van: ownership (eigendom), ground_lease (erfpacht),"
            " licence (gebruiksovereenkomst), plot_rental (huur van een tuintje).",
            "“pacht” is not a type of right. Use one of: ownership, ground_lease (ground lease)",
        ),
        (
            LEASE.replace(",right,", ",recht,"),
            "right (recht), restriction (beperking), responsibility (",
            "right, restr",
        ),
        (
            LEASE.replace("LEASE-1,", "LEASE-1,lopend"),
            "requested (aangevraagd), current (lopend)",
            "requested, current, refused, ended.",
        ),
    ],
)
def test_a_refusal_names_what_may_be_typed_and_what_it_is_called_in_the_readers_language(
    town: Store, tmp_path: Path, line: str, reason: str, english: str
) -> None:
    said = hold(town, tmp_path, line).rows[0].reason
    assert reason in said.say("nl") and english in said


def test_a_place_that_the_layer_keeps_to_itself_cannot_be_taken_on(store: Store, tmp_path: Path) -> None:
    drain = [{"ref": "D", "on_arterial": True, "geometry": shapely.Point(5, 52)}]
    load(store, write_layer(tmp_path / "d.gpkg", drain), "storm-drains")
    report = hold(store, tmp_path, "storm-drains,D,Otters,group,responsibility,stewardship,,,2024-01-01,,A-1,,")
    assert report.rejected == 1
    assert "cannot be taken on" in report.rows[0].reason


def test_a_table_without_a_column_is_refused_by_its_name(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "tenures.csv"
    file.write_text(HEADER.replace("party_kind,", "") + "\n")
    with pytest.raises(InvalidInput, match="party_kind"):
        import_tenures(store, Settings(data_dir=tmp_path), file, now=NOW)


def test_staff_record_tenures_on_their_own_layers_and_districts_alone(store: Store, tmp_path: Path) -> None:
    plant = [{"ref": f"G{column}", "geometry": square(column)} for column in (0, 12)]
    load(store, write_layer(tmp_path / "g.gpkg", plant), "gardens")
    load(store, write_layer(tmp_path / "p.gpkg", [{"ref": "P0", "geometry": square(0, 5)}]))
    west = [{"name": "West", "geometry": shapely.box(4.9, 51.9, 5.006, 52.1)}]
    add(store, Settings(data_dir=tmp_path), "districts", west)
    bound = Actor(role="staff", layers=frozenset({"gardens"}), districts=frozenset({"West"}))
    report = hold(
        store.acting_as(bound),
        tmp_path,
        "gardens,G0,Otters,group,responsibility,stewardship,,,2024-01-01,,A-1,,",
        "gardens,G12,Otters,group,responsibility,stewardship,,,2024-01-01,,A-2,,",
        "clt-parcels,P0,Otters,group,right,ground_lease,,,2024-01-01,,A-3,,",
    )
    assert counts(report) == {"read": 3, "accepted": 1, "rejected": 2}
    assert "outside the districts" in report.rows[0].reason
    assert "outside the layers" in report.rows[1].reason


def test_staff_name_nobody_who_holds_places_beyond_their_reach(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "g.gpkg", [{"ref": "G0", "geometry": square(0)}]), "gardens")
    load(store, write_layer(tmp_path / "p.gpkg", [{"ref": "P0", "geometry": square(0, 5)}]))
    row = "gardens,G0,{},person,responsibility,stewardship,,,2024-01-01,,A-{},,{}"
    lease = "clt-parcels,P0,Ann,person,right,ground_lease,,,2024-01-01,,L-1,,"
    assert hold(store, tmp_path, lease, row.format("Ann", 1, "")).accepted == 2
    bound = store.acting_as(Actor(role="staff", layers=frozenset({"gardens"})))
    report = hold(bound, tmp_path, row.format("Ann", 1, "yes"))
    assert counts(report) == {"read": 1, "rejected": 1}
    assert "outside the layers" in report.rows[0].reason
    with store.reading() as session:
        assert not session.scalars(select(Party).where(Party.name == "Ann")).one().agrees_to("map")
    everywhere = store.acting_as(Actor(role="staff"))
    assert hold(everywhere, tmp_path, row.format("Ann", 1, "yes")).updated == 1
