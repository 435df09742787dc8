"""Where each organisation works, where several do, and where people live and none does."""

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import demand_points
from geocommons.analysis.stewardship.turf import cells_over, find_turf, overlap_turf, turf_density
from geocommons.crs import STORAGE_CRS, local_metric_crs, to_metric, total_bbox
from geocommons.language import Words, mark
from geocommons.model.party import LED_KINDS
from geocommons.usecases.analyses.stewarded import StewardQuestion, ground_of, held_on, kinds_of
from geocommons.usecases.runs.inputs import Inputs
from geocommons.usecases.runs.keep import number
from geocommons.usecases.runs.question import Answer, Compute, Progress, parameter

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
        """Load tenures, sites, districts and people, and return what lays them over each other."""
        sites = inputs.sites(self.asked_layers, self.at)
        held = held_on(inputs.tenures(self.asked_layers, self.at), self.at)
        districts = None if self.cell_m else inputs.context_or_none("districts")
        people = inputs.context_or_none("population")
        return lambda progress: _measure(self, sites, held, districts, people, progress)


def _measure(
    question: TurfQuestion,
    sites: GeoDataFrame,
    held: pd.DataFrame,
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
        {"party": organised["claimant"].to_numpy()}, geometry=ground_of(organised, sites), crs=STORAGE_CRS
    )
    progress(0.1, mark("The ground of each organisation is drawn …"))
    if crs is None:
        return _answer(question, None, None, {}, people)
    turf = find_turf(to_metric(stewarded, crs), shape=question.shape)
    homes = None if people is None else to_metric(people, crs)
    progress(0.5, mark("Places are counted by who works there …"))
    places = _places(question, turf, districts, homes)
    kinds = kinds_of(organised)
    return _answer(question, turf, places, kinds, people)


def _places(
    question: TurfQuestion, turf: GeoDataFrame, districts: GeoDataFrame | None, homes: GeoDataFrame | None
) -> GeoDataFrame:
    """Return districts or cells with `name`, `turfs` and `people` (NaN where people are not known)."""
    if districts is not None:
        places = to_metric(districts, turf.crs)[["name", "geometry"]]
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
    """Return how many people live in each place; a home on a border counts in the first place that meets it."""
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
    result = {
        "turfs": [
            {"party": int(row["party"]), "kind": kinds[row["party"]], "sites": int(row["sites"]),
             "area_m2": number(row["area_m2"]), "length_m": number(row["length_m"])}
            for row in turf.drop(columns="geometry").to_dict("records")
        ],
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
        **question.params,
    }  # fmt: skip
    whole = turf.assign(kind=[kinds[party] for party in turf["party"]]).to_crs(STORAGE_CRS)
    return Answer(result, {"places": drawn, "turf": whole})


def _place(row: Any) -> Row:
    box = [round(edge, 6) for edge in row.geometry.bounds]
    return {
        "place": int(row.place), "name": row.name or None, "turfs": int(row.turfs),
        "people": number(row.people), "bbox": box,
    }  # fmt: skip
