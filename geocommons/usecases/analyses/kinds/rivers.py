"""What of each river is adopted, in conflict and free on a day, by whom, and which stretches to offer next."""

from typing import Any, ClassVar

import pandas as pd
from geopandas import GeoDataFrame
from pydantic import field_validator

from geocommons.analysis.rivers.coverage import RiverCoverage, find_river_coverage, split_by_district
from geocommons.analysis.rivers.depth import find_river_overlaps
from geocommons.analysis.rivers.measures import pieces_by_district
from geocommons.errors import InvalidInput
from geocommons.language import Words, mark
from geocommons.layer import get_layer
from geocommons.usecases.analyses.service.ground import OUTSIDE
from geocommons.usecases.analyses.service.reaches import river_events, stretch_frame
from geocommons.usecases.analyses.stewardship.held import held_on
from geocommons.usecases.analyses.stewardship.river_depth import (
    Register,
    find_offers,
    measure_depth,
    offer_rows,
    stretch_rows,
)
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, Question, number, parameter

METRES = ("length_m", "adopted_m", "conflict_m", "free_m")


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
        """Load rivers, claims, who holds them, and what lies around, and return what measures them."""
        care = get_layer(self.layer).care_types
        register = Register(
            rivers=inputs.sites([self.layer], self.at),
            claims=inputs.claims(self.layer, care, self.at),
            tenures=held_on(inputs.tenures([self.layer], self.at), self.at),
            districts=inputs.context_or_none("districts"),
            streets=inputs.context_or_none("streets"),
            people=inputs.context_or_none("population"),
        )
        return lambda progress: _measure(self, register, progress)


def _measure(question: RiversQuestion, register: Register, progress: Progress) -> Answer:
    rivers, districts = register.rivers, register.districts
    progress(0.1, mark("Rivers are measured …"))
    coverage = find_river_coverage(rivers["length_m"], river_events(rivers, register.claims))
    pieces = None if districts is None else pieces_by_district(rivers.geometry, rivers["length_m"], districts)
    progress(0.5, mark("The next stretches to offer are sought …"))
    overlaps, offers = find_river_overlaps(coverage.profile), find_offers(register, coverage.profile)
    result = {
        "rivers": _river_rows(rivers, coverage),
        "districts": {} if pieces is None else _by_district(coverage, pieces),
        "totals": {name: number(coverage.rivers[name].sum()) for name in METRES},
        "depth": measure_depth(register, coverage.profile, pieces),
        "overlaps": stretch_rows(rivers, overlaps, ("depth_max",)),
        "offers": None if offers is None else offer_rows(offers),
        **question.params,
    }
    adopted = coverage.stretches[coverage.stretches["current"] > 0]
    frames = {
        "free": stretch_frame(rivers, coverage.free),
        "adopted": stretch_frame(rivers, adopted.assign(depth=adopted["current"])),
        "overlaps": stretch_frame(rivers, overlaps.assign(depth=overlaps["depth_max"])),
    }
    return Answer(result, frames if offers is None else frames | {"offers": offers})


def _river_rows(rivers: GeoDataFrame, coverage: RiverCoverage) -> list[dict[str, Any]]:
    rows = []
    for position, (key, ref, name) in enumerate(zip(rivers["id"], rivers["ref"], rivers["name"], strict=True)):
        figures = coverage.rivers.iloc[position]
        free = [[number(start), number(stop)] for start, stop in coverage.free_intervals(position)]
        metres = {name: number(figures[name]) for name in METRES}
        rows.append({"id": int(key), "ref": ref, "name": name, **metres, "free": free})
    return rows


def _by_district(coverage: RiverCoverage, pieces: pd.DataFrame) -> dict[str, Any]:
    table = split_by_district(coverage, pieces)
    return {
        OUTSIDE if pd.isna(row["district"]) else str(row["district"]): {name: number(row[name]) for name in METRES}
        for row in table.to_dict("records")
    }
