"""A real city: dwelling units of Cambridge, Massachusetts, and its community gardens."""

from pathlib import Path

import geopandas
import pandas as pd
import pytest
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import assign_districts, demand_points, find_coverage
from geocommons.analysis.service.gaps import find_gaps
from geocommons.analysis.walk.network import build_network

CRS = 26986


def read(folder: Path, name: str) -> GeoDataFrame:
    frame = geopandas.read_file(folder / "cambridge_ma" / name)
    return (frame if frame.crs else frame.set_crs(4326)).to_crs(CRS)


@pytest.fixture(scope="module")
def homes(realdata: Path) -> GeoDataFrame:
    """Parcels with their dwelling units as people; the first parcel of a number that is used twice."""
    parcels = read(realdata, "ASSESSING_ParcelsFY2014.topojson").drop_duplicates("ML")
    units = pd.read_csv(realdata / "cambridge_ma" / "derived_dwelling_units_by_parcel.csv")
    joined = parcels.merge(units, on="ML").query("units > 0").reset_index(drop=True)
    frame = joined[["geometry"]].assign(people=joined["units"].astype(float))
    quarters = read(realdata, "BOUNDARY_CDDNeighborhoods.geojson").rename(columns={"NAME": "name"})
    return frame.assign(district=assign_districts(demand_points(frame), quarters))


@pytest.fixture(scope="module")
def gardens(realdata: Path) -> GeoDataFrame:
    return read(realdata, "RECREATION_CommunityGardens.geojson")


def test_84_percent_of_the_homes_are_within_800_m_of_a_garden_as_the_crow_flies(
    homes: GeoDataFrame, gardens: GeoDataFrame
) -> None:
    totals = find_coverage(homes, gardens, reach_m=800).totals
    assert totals.share == pytest.approx(0.84, abs=0.005)
    assert totals.not_assessed == 0


def test_the_streets_show_a_gap_that_the_crow_hides(realdata: Path, homes: GeoDataFrame, gardens: GeoDataFrame) -> None:
    streets = read(realdata, "TRANS_Centerlines.geojson")
    network = build_network(streets.geometry, from_node=streets["FromNode"], to_node=streets["ToNode"])
    walked = find_coverage(homes, gardens, network=network, reach_m=800)
    straight = find_coverage(homes, gardens, reach_m=800)
    assert (walked.demand["distance_m"] >= straight.demand["distance_m"] - 1e-6).mean() > 0.99
    assert walked.totals.share is not None and 0.6 < walked.totals.share < 0.7
    assert walked.totals.people == homes["people"].sum() == sum(row.people for row in walked.districts)
    assert find_gaps(walked.demand, gardens)["people"].sum() == walked.totals.unserved
