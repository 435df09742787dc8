"""What of each river is adopted, in conflict and free on a day."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pydantic import field_validator

from geocommons.analysis.rivers.coverage import RiverCoverage, find_river_coverage, split_by_district
from geocommons.analysis.rivers.measures import pieces_by_district
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.layer import get_layer
from geocommons.linear import substrings_by_measure
from geocommons.model.tenure import IN_FORCE
from geocommons.usecases.analyses.service import OUTSIDE
from geocommons.usecases.runs.inputs import Inputs
from geocommons.usecases.runs.keep import number
from geocommons.usecases.runs.question import Answer, Compute, Question, parameter

METRES = ("length_m", "adopted_m", "conflict_m", "free_m")
WHOLE_M = 0.5
"""A claim that stops this near to an end of the river, as agreements round it, goes to the end."""


class RiversQuestion(Question):
    """Which stretches of a layer of measured lines are looked after on a day?"""

    kind: ClassVar[str] = "rivers"

    layer: str = parameter(
        "rivers",
        Words(en="Rivers", nl="Rivieren"),
        Words(en="Layer of measured lines.", nl="Laag van gemeten lijnen."),
        of="measured layers",
    )

    @field_validator("layer")
    @classmethod
    def _measured(cls, layer_id: str) -> str:
        layer = get_layer(layer_id)
        if not layer.measured:
            raise InvalidInput(
                "Sites of {layer} are not adopted by the stretch. Ask about a layer of lines.", layer=layer_id
            )
        return layer.id

    def prepare(self, inputs: Inputs) -> Compute:
        """Load rivers, claims and districts, and return what measures them."""
        rivers = inputs.sites([self.layer], self.at)
        claims = inputs.claims(self.layer, get_layer(self.layer).care_types, self.at)
        districts = inputs.context_or_none("districts")
        return lambda progress: _measure(self, rivers, claims, districts)


def _measure(
    question: RiversQuestion, rivers: GeoDataFrame, claims: pd.DataFrame, districts: GeoDataFrame | None
) -> Answer:
    coverage = find_river_coverage(rivers["length_m"], _events(rivers, claims))
    result = {
        "rivers": _river_rows(rivers, coverage),
        "districts": {} if districts is None else _by_district(rivers, coverage, districts),
        "totals": {name: number(coverage.rivers[name].sum()) for name in METRES},
        **question.params,
    }
    adopted = coverage.stretches[coverage.stretches["current"] > 0]
    frames = {"free": stretch_frame(rivers, coverage.free), "adopted": stretch_frame(rivers, adopted)}
    return Answer(result, frames)


def _events(rivers: GeoDataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return claims as the measuring takes them: river by position, and current or requested."""
    position = pd.Series(np.arange(len(rivers)), index=rivers["id"].to_numpy())
    here = claims[claims["site_id"].isin(position.index)]
    river = position.loc[here["site_id"]].to_numpy(dtype=np.intp)
    start, stop = (here[name].to_numpy(dtype=np.float64) for name in ("from_m", "to_m"))
    length = rivers["length_m"].to_numpy(dtype=np.float64)[river]
    kinds = np.where(here["status"].isin(IN_FORCE), "current", "requested")
    return pd.DataFrame(
        {
            "river": river,
            "from_m": np.where(start <= WHOLE_M, 0.0, start),
            "to_m": np.where(stop >= length - WHOLE_M, length, stop),
            "kind": kinds.astype(object),
        }
    )


def _river_rows(rivers: GeoDataFrame, coverage: RiverCoverage) -> list[dict[str, Any]]:
    rows = []
    for position, (key, ref, name) in enumerate(zip(rivers["id"], rivers["ref"], rivers["name"], strict=True)):
        figures = coverage.rivers.iloc[position]
        free = [[number(start), number(stop)] for start, stop in coverage.free_intervals(position)]
        metres = {name: number(figures[name]) for name in METRES}
        rows.append({"id": int(key), "ref": ref, "name": name, **metres, "free": free})
    return rows


def _by_district(rivers: GeoDataFrame, coverage: RiverCoverage, districts: GeoDataFrame) -> dict[str, Any]:
    table = split_by_district(coverage, pieces_by_district(rivers.geometry, rivers["length_m"], districts))
    return {
        OUTSIDE if pd.isna(row["district"]) else str(row["district"]): {name: number(row[name]) for name in METRES}
        for row in table.to_dict("records")
    }


def stretch_frame(rivers: GeoDataFrame, stretches: pd.DataFrame) -> GeoDataFrame:
    """Return stretches with their geometry (EPSG:4326): river (ref), name, site_id, from_m, to_m, length_m, claims."""
    river = stretches["river"].to_numpy(dtype=np.intp)
    start, stop = (stretches[name].to_numpy(dtype=np.float64) for name in ("from_m", "to_m"))
    columns: dict[str, Any] = {
        "river": rivers["ref"].to_numpy(dtype=object)[river],
        "name": rivers["name"].to_numpy(dtype=object)[river],
        "site_id": rivers["id"].to_numpy(dtype=np.int64)[river],
        "from_m": start,
        "to_m": stop,
        "length_m": np.round(stop - start, 3),
    }
    if "claims" in stretches:
        columns["claims"] = stretches["claims"].to_numpy(dtype=np.int64)
    drawn = substrings_by_measure(rivers.geometry, rivers["length_m"], river, start, stop)
    return GeoDataFrame(columns, geometry=drawn, crs=STORAGE_CRS)
