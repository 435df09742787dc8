"""Where each organisation works, where several do, and where people live and none does."""

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import demand_points
from geocommons.analysis.stewardship.care import care_of_year
from geocommons.analysis.stewardship.turf import (
    care_against_turf,
    cells_over,
    find_turf,
    overlap_turf,
    turf_density,
)
from geocommons.crs import STORAGE_CRS, local_metric_crs, to_metric, total_bbox
from geocommons.language import Words, mark
from geocommons.model.party import LED_KINDS
from geocommons.usecases.analyses.stewardship.held import StewardQuestion, ground_of, held_on, kinds_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter

CELL_M = 500.0
MOST_PLACES = 200
"""So many places are listed; the drawn output has all."""
Row = dict[str, Any]


class TurfQuestion(StewardQuestion):
    """Where does each organisation work?"""

    kind: ClassVar[str] = "turf"

    shape: Literal["union", "hull"] = parameter(
        "union",
        Words(en="Turf", nl="Werkgebied"),
        Words(en="What counts as the ground of an organisation.", nl="Wat telt als de grond van een organisatie."),
        choices={
            "union": Words(en="the sites themselves", nl="de plekken zelf"),
            "hull": Words(en="the ground around all its sites", nl="de grond rond al haar plekken"),
        },
    )
    cell_m: float | None = parameter(
        None,
        Words(en="Cells (m)", nl="Vakken (m)"),
        Words(
            en="Count by square cells of so many metres, not by district.",
            nl="Tel per vierkant vak van zoveel meter, niet per wijk.",
        ),
        ge=50,
        le=100_000,
    )

    def prepare(self, inputs: Inputs) -> Compute:
        """Load tenures, care, sites, districts and people, and return what lays them over each other."""
        sites = inputs.sites(self.asked_layers, self.at)
        held = held_on(inputs.tenures(self.asked_layers, self.at), self.at)
        care = inputs.care(self.asked_layers, self.at)
        districts = None if self.cell_m else inputs.context_or_none("districts")
        people = inputs.context_or_none("population")
        return lambda progress: _measure(self, sites, held, care, districts, people, progress)


def _measure(
    question: TurfQuestion,
    sites: GeoDataFrame,
    held: pd.DataFrame,
    care: pd.DataFrame | None,
    districts: GeoDataFrame | None,
    people: GeoDataFrame | None,
    progress: Progress,
) -> Answer:
    known = [frame for frame in (sites, people, districts) if frame is not None and len(frame)]
    crs = (
        local_metric_crs(total_bbox(np.concatenate([frame.geometry.to_numpy() for frame in known]))) if known else None
    )
    organised = held[held["kind"].isin(LED_KINDS) & held["site"].isin(sites["id"])].drop_duplicates(
        ["claimant", "site", "from_m", "to_m"]
    )
    stewarded = GeoDataFrame(
        {"party": organised["claimant"].to_numpy(), "site": organised["site"].to_numpy()},
        geometry=ground_of(organised, sites),
        crs=STORAGE_CRS,
    )
    progress(0.1, mark("The ground of each organisation is drawn …"))
    if crs is None:
        return _answer(question, None, None, {}, None, people)
    stewarded = to_metric(stewarded, crs)
    turf = find_turf(stewarded, shape=question.shape)
    given = None if care is None else _given(turf, stewarded, care_of_year(care, question.at), sites)
    homes = None if people is None else to_metric(people, crs)
    progress(0.5, mark("Places are counted by who works there …"))
    places = _places(question, turf, districts, homes)
    return _answer(question, turf, places, kinds_of(organised), given, people)


def _given(turf: GeoDataFrame, stewarded: GeoDataFrame, year: pd.DataFrame, sites: GeoDataFrame) -> pd.DataFrame:
    """Return the care of a year against turf, with the `kind` of party; what people gave by themselves is no row."""
    known = year[year["site"].isin(sites["id"])].rename(columns={"claimant": "party"})
    where = np.asarray(sites.geometry, dtype=object)[pd.Index(sites["id"]).get_indexer(known["site"])]
    care = to_metric(GeoDataFrame(known, geometry=where, crs=STORAGE_CRS), turf.crs)
    found = care_against_turf(turf, stewarded, care)
    alone = known.loc[~known["kind"].isin(LED_KINDS), "party"]
    kinds = known.drop_duplicates("party").set_index("party")["kind"]
    return found.assign(kind=found["party"].map(kinds))[~found["party"].isin(alone)]


def _places(
    question: TurfQuestion, turf: GeoDataFrame, districts: GeoDataFrame | None, homes: GeoDataFrame | None
) -> GeoDataFrame:
    """Return districts or cells with `name`, `turfs` and `people` (NaN where people are not known)."""
    if districts is not None:
        places = to_metric(districts, turf.crs)[["name", "geometry"]]
        places = places.sort_values("name", kind="stable", key=lambda names: names.astype(str))
    else:
        around = [frame.total_bounds for frame in (turf, homes) if frame is not None and len(frame)]
        edges = np.array(around).reshape(-1, 4)
        west, south, east, north = (
            (*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0)) if len(edges) else (0, 0, 0, 0)
        )
        places = cells_over((west, south, east, north), question.cell_m or CELL_M, turf.crs)
        places = places.assign(name="")
    counted = turf_density(turf, places[["name", "geometry"]].reset_index(drop=True))
    counted["people"] = np.nan if homes is None else _people_in(counted, homes)
    if districts is None and homes is not None:
        counted = counted[(counted["turfs"] > 0) | (counted["people"] > 0)]
    return counted.sort_values(["turfs", "people"], ascending=[True, False], kind="stable", ignore_index=True)


def _people_in(places: GeoDataFrame, homes: GeoDataFrame) -> "np.ndarray[Any, Any]":
    """Return how many people live in each place; one that several hold in the first (by name)."""
    tree = shapely.STRtree(np.asarray(places.geometry, dtype=object))
    home, place = tree.query(demand_points(homes), predicate="intersects")
    order = np.lexsort((place, home))
    home, first = np.unique(home[order], return_index=True)
    counts = homes["people"].to_numpy(dtype=np.float64)[home]
    return np.bincount(place[order][first], counts, minlength=len(places))


def _answer(
    question: TurfQuestion,
    turf: GeoDataFrame | None,
    places: GeoDataFrame | None,
    kinds: dict[int, str],
    given: pd.DataFrame | None,
    people: GeoDataFrame | None,
) -> Answer:
    """Return the figures, with parties by number, and the ground of each with the places counted."""
    if turf is None or places is None:
        turf = GeoDataFrame({"party": [], "sites": [], "area_m2": [], "length_m": []}, geometry=[], crs=STORAGE_CRS)
        places = GeoDataFrame({"name": [], "turfs": [], "people": []}, geometry=[], crs=STORAGE_CRS)
    overlaps = overlap_turf(turf)
    drawn = places.assign(place=np.arange(1, len(places) + 1)).to_crs(STORAGE_CRS)
    nobody = drawn[drawn["turfs"] == 0]
    lived_in = nobody if people is None else nobody[nobody["people"] > 0]
    whole = turf.assign(kind=[kinds[party] for party in turf["party"]]).to_crs(STORAGE_CRS)
    if given is not None:
        whole = whole.merge(given[["party", "untended", "hours", "own_hours"]], on="party")
    result = {
        "turfs": _turfs(whole, given),
        "overlaps": [
            {"one": int(row["one"]), "other": int(row["other"]), "points": int(row["points"]),
             "area_m2": number(row["area_m2"]), "length_m": number(row["length_m"])}
            for row in overlaps.to_dict("records")
        ],
        "places": [_place(row) for row in drawn.head(MOST_PLACES).itertuples()],
        "totals": {
            "organisations": len(turf), "places": len(drawn), "shared_places": int((drawn["turfs"] > 1).sum()),
            "empty_places": len(lived_in), "empty_people": None if people is None else number(lived_in["people"].sum()),
        },
        "care": None if given is None else {
            name: number(given[name].sum()) for name in ("hours", "own_hours", "untended")
        },
        **question.params,
    }  # fmt: skip
    return Answer(result, {"places": drawn, "turf": whole})


def _turfs(whole: GeoDataFrame, given: pd.DataFrame | None) -> list[Row]:
    """Return each turf as JSON has it, then the organisations that gave care and have none."""
    rows = pd.DataFrame(whole.drop(columns="geometry"))
    if given is not None:
        elsewhere = given[~given["party"].isin(rows["party"])].assign(area_m2=0.0, length_m=0.0)
        rows = pd.concat([rows, elsewhere]) if len(elsewhere) else rows
    counts = [name for name in ("sites", "area_m2", "length_m", "untended", "hours", "own_hours") if name in rows]
    return [
        {"party": int(row["party"]), "kind": row["kind"], **{name: number(row[name]) for name in counts}}
        for row in rows.to_dict("records")
    ]


def _place(row: Any) -> Row:
    box = [round(edge, 6) for edge in row.geometry.bounds]
    return {
        "place": int(row.place), "name": row.name or None, "turfs": int(row.turfs),
        "people": number(row.people), "bbox": box,
    }  # fmt: skip
