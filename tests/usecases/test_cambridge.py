"""Cambridge, Massachusetts, end to end: its own files in, who is served out."""

from pathlib import Path
from typing import Any

import pytest

from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import ContextOptions
from geocommons.usecases.contexts.report import ContextReport
from geocommons.usecases.exports.layers import export_layer
from geocommons.usecases.exports.register_map import write_map
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.sites import ImportOptions, import_sites
from tests.make import NOW, TODAY, ask, counts

PARCELS = "ASSESSING_ParcelsFY2014.topojson"
UNITS = "derived_dwelling_units_by_parcel.csv"


class City:
    """A register of a city whose files lie in a folder."""

    def __init__(self, store: Store, folder: Path, settings: Settings) -> None:
        self.store, self.folder, self.settings = store, folder, settings

    def sites(self, layer: str, file: str, **options: Any) -> Report:
        """Import a file into a layer."""
        return import_sites(
            self.store, self.settings, layer, self.folder / file, ImportOptions(**options), now=NOW
        )  # fmt: skip

    def context(self, kind: str, file: str, **options: Any) -> ContextReport:
        """Add a file as context."""
        return add_context(self.store, self.settings, kind, self.folder / file, ContextOptions(**options), now=NOW)

    def coverage(self, **asked: Any) -> dict[str, Any]:
        """Return who is served by gardens today."""
        supply = asked.pop("supply", ["gardens"])
        return ask(self.store, self.settings, "coverage", supply=supply, **asked).result


def test_cambridge_end_to_end(store: Store, realdata: Path, tmp_path: Path) -> None:
    area = (-71.2, 42.3, -71.0, 42.45)
    city = City(store, realdata / "cambridge_ma", Settings(data_dir=tmp_path, area=area))  # type: ignore[arg-type]
    fill_register(city)
    fill_context(city)
    ask_coverage(city)
    ask_gaps_and_rivers(city)
    assert export_layer(store, "gardens", tmp_path / "gardens.gpkg", day=TODAY) == 14
    assert write_map(store, city.settings, tmp_path / "map.html", day=TODAY) > 13_300


def fill_register(city: City) -> None:
    parcels = city.sites("clt-parcels", PARCELS, crs="EPSG:4326", ref="ML")
    assert counts(parcels) == {"read": 13_116, "accepted": 13_016, "rejected": 100, "repaired": parcels.repaired}
    gardens = city.sites(
        "gardens", "RECREATION_CommunityGardens.geojson", ref="MapID", on="clt-parcels", columns={"name": "PARK"}
    )
    assert counts(gardens) == {"read": 14, "accepted": 14}
    spaces = city.sites("vacant-lots", "RECREATION_OpenSpace.geojson", ref="OBJECTID", columns={"name": "NAME"})
    assert spaces.read == 276 and spaces.accepted > 250
    banks = city.sites("rivers", "HYDRO_WaterBodies.geojson", ref="#", columns={"name": "NAME"}, outline=True)
    assert banks.read == 74 == banks.accepted + banks.rejected and banks.accepted >= 67


def fill_context(city: City) -> None:
    footways = city.context("streets", "TRANS_SidewalkCenterlines.topojson", crs="EPSG:4326")
    assert (footways.read, footways.accepted) == (13_412, 13_353)
    assert {note.reason for note in footways.rows} == {"The geometry cannot be decoded."}
    streets = city.context("streets", "TRANS_Centerlines.geojson", name_column="Label")
    assert (streets.read, streets.accepted, streets.rejected) == (2_643, 2_643, 0)
    assert len(streets.repairs) == 29, "ends whose node id stands elsewhere in the city"
    options = {"join": city.folder / UNITS, "on": ("ML", "ML"), "people": "units"}
    homes = city.context("population", PARCELS, crs="EPSG:4326", **options)
    assert homes.read == 13_116 == homes.accepted + homes.rejected
    assert homes.table is not None and homes.people is not None
    assert (homes.table.read, homes.table.used) == (13_021, homes.accepted)
    assert homes.people + homes.table.unplaced_people == 43_228
    assert city.context("districts", "BOUNDARY_CDDNeighborhoods.geojson").accepted == 13
    assert city.context("green", "RECREATION_OpenSpace.geojson").exit_code == 0
    assert city.context("water", "HYDRO_WaterBodies.geojson", class_column="TYPE").exit_code == 0


def ask_coverage(city: City) -> None:
    straight = city.coverage(straight=True, metres=800.0)
    assert straight["share"] == pytest.approx(0.84, abs=0.005), "an independent computation says 84 %"
    walk = city.coverage()
    assert 0.5 < walk["share"] < straight["share"]
    assert walk["people"] == straight["people"] == 43_211
    for result in (straight, walk):
        assert result["people"] == result["served"] + result["unserved"] + result["not_assessed"]
        assert len(result["districts"]) == 14
        for name in ("people", "served", "unserved", "not_assessed"):
            assert sum(part[name] for part in result["districts"].values()) == result[name]
    # Both databases must say exactly this.
    assert (straight["served"], walk["served"]) == (36_177, 27_921)


def ask_gaps_and_rivers(city: City) -> None:
    result = ask(city.store, city.settings, "gaps", supply=["gardens"]).result
    people = [gap["people"] for gap in result["gaps"]]
    assert people == sorted(people, reverse=True) and sum(people) == result["totals"]["unserved"] == 15_290
    assert all(gap["nearest"]["layer"] == "gardens" and gap["district"] for gap in result["gaps"][:5])
    totals = ask(city.store, city.settings, "rivers").result["totals"]
    assert (totals["adopted_m"], totals["free_m"]) == (0, totals["length_m"])


def test_porto_alegre_walks_on_openstreetmap(store: Store, realdata: Path, tmp_path: Path) -> None:
    city = City(store, realdata, Settings(data_dir=tmp_path))
    assert city.sites("storm-drains", "population/poa_points_of_interest.csv", ref="id").rejected == 0
    assert city.context("streets", "streets/poa_osm.pbf").accepted > 15_000
    people = city.context("population", "population/poa_hexgrid.csv")
    assert people.rejected == 0
    result = city.coverage(supply=["storm-drains"], minutes=15.0)
    assert result["people"] == people.people
    assert result["people"] == pytest.approx(result["served"] + result["unserved"] + result["not_assessed"])
    assert 0.05 < result["share"] < 0.9
