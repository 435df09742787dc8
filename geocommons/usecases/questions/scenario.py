"""What if: changes on top of a day, as a scenario holds them, and the register as they leave it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
import orjson
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from geocommons.crs import STORAGE_CRS, geodesic_areas_m2, geodesic_length_m
from geocommons.errors import InvalidInput
from geocommons.layer import all_layers, get_layer
from geocommons.linear import substring_by_measure
from geocommons.store.desk import get_scenario
from geocommons.store.stewardship import site_frame
from geocommons.usecases.misfit import misfit
from geocommons.usecases.questions.question import Asked, read_question

MOST_CHANGES = 1_000
SCENARIO = "scenario"
"""The output of a run that holds where its scenario changes the register."""


class Change(BaseModel):
    """One change; `layer` and `ref` name a site of the register."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Add(Change):
    """A site that does not exist yet; `geometry` is GeoJSON in EPSG:4326."""

    do: Literal["add"]
    layer: str
    ref: str
    name: str = ""
    geometry: dict[str, Any]

    def shape(self) -> shapely.Geometry:
        """Return where it would be, or refuse what is no place."""
        try:
            shape = shapely.from_geojson(orjson.dumps(self.geometry))
        except shapely.GEOSException as error:
            raise InvalidInput("The place of “{ref}” in the scenario is no GeoJSON geometry.", ref=self.ref) from error
        west, south, east, north = shapely.bounds(shape).tolist()
        on_earth = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        if shape.is_empty or not (on_earth and shapely.is_valid(shape)):
            raise InvalidInput("The place of “{ref}” in the scenario is no valid shape on the map.", ref=self.ref)
        return shape


class Close(Change):
    """A site that would be there no more."""

    do: Literal["close"]
    layer: str
    ref: str


class Adopt(Change):
    """A site, or a stretch of it in metres, that would have a steward."""

    do: Literal["adopt"]
    layer: str
    ref: str
    from_m: float | None = Field(default=None, ge=0)
    to_m: float | None = Field(default=None, gt=0)

    def stretch(self, shape: shapely.Geometry, length_m: float) -> shapely.Geometry:
        """Return the part of a site that would have a steward: of a river its stretch, of anything else all."""
        if self.to_m is None or not length_m > 0:
            return shape
        part: shapely.Geometry = substring_by_measure(shape, length_m, self.from_m or 0.0, min(self.to_m, length_m))
        return part


class Ask(Change):
    """Another value of what the question asks, as another standard or a longer walk."""

    do: Literal["ask"]
    values: dict[str, Any]


Changes = TypeAdapter(list[Annotated[Add | Close | Adopt | Ask, Field(discriminator="do")]])


def check_changes(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return changes as a scenario stores them, or refuse the first that cannot be made."""
    if len(changes) > MOST_CHANGES:
        raise InvalidInput("A scenario has at most {most} changes.", most=MOST_CHANGES)
    try:
        read = Changes.validate_python(list(changes))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise InvalidInput(
            "Change {number} of the scenario cannot be read. {reason}",
            number=int(problem["loc"][0]) + 1 if problem["loc"] else 1,
            reason=misfit(problem, problem["loc"][-1] if len(problem["loc"]) > 1 else "do"),
        ) from error
    for change in read:
        if not isinstance(change, Ask):
            get_layer(change.layer)
        if isinstance(change, Add):
            change.shape()
    return [change.model_dump(mode="json") for change in read]


class ScenarioChanges:
    """The changes of a scenario, ready to be made; none leaves everything as it is."""

    def __init__(self, changes: Sequence[Mapping[str, Any]]) -> None:
        read = Changes.validate_python(list(changes))
        self._added = [change for change in read if isinstance(change, Add)]
        self._closed = {(change.layer, change.ref) for change in read if isinstance(change, Close)}
        self._adopted = [change for change in read if isinstance(change, Adopt)]
        self._asked = {
            name: value for change in read if isinstance(change, Ask) for name, value in change.values.items()
        }
        self.any = bool(read)
        self.checksum = hashlib.sha256(orjson.dumps(list(changes), option=orjson.OPT_SORT_KEYS)).hexdigest()

    def none(self) -> "ScenarioChanges":
        """Return no changes."""
        return NO_CHANGES

    def asked(self, question: Asked) -> Asked:
        """Return the question as the scenario changes it; what a kind of question does not ask is left out."""
        fitting = {name: value for name, value in self._asked.items() if name in type(question).model_fields}
        if not fitting:
            return question
        return read_question(type(question), question.model_dump() | fitting, today=question.at)

    def sites(self, frame: GeoDataFrame, layers: Sequence[str]) -> GeoDataFrame:
        """Return the sites of some layers with the changes made: columns as `site_frame`, new ones numbered below 0."""
        if not self.any:
            return frame
        keys = pd.MultiIndex.from_arrays([frame["layer"], frame["ref"]])
        kept = frame.copy()
        kept.loc[keys.isin([(change.layer, change.ref) for change in self._adopted]), "status"] = "cared_for"
        kept = kept[~keys.isin(list(self._closed))]
        fresh = [(number, change) for number, change in enumerate(self._added, start=1) if change.layer in layers]
        if not fresh:
            return kept
        rows = [self._row(-number, change) for number, change in fresh]
        return GeoDataFrame(pd.concat([kept, GeoDataFrame(rows, crs=STORAGE_CRS)], ignore_index=True), crs=STORAGE_CRS)

    def places(self, session: Session, day: date) -> GeoDataFrame:
        """Return where the changes are, a point for each, to be drawn: do (added, closed, adopted), layer, ref, name.

        A site that the register does not have on the day is nowhere.
        """
        adopted = {(change.layer, change.ref): change for change in self._adopted}
        touched = {key for key in (*adopted, *self._closed) if key[0] in all_layers()}
        sites = site_frame(session, sorted({layer for layer, _ in touched}), day)
        rows = [
            {"do": "added", "layer": change.layer, "ref": change.ref, "name": change.name, "geometry": change.shape()}
            for change in self._added if change.layer in all_layers()
        ]  # fmt: skip
        for site in sites.itertuples():
            key = (site.layer, site.ref)
            if key not in touched:
                continue
            closed = key in self._closed
            shape = site.geometry if closed else adopted[key].stretch(site.geometry, site.length_m)
            what = "closed" if closed else "adopted"
            rows.append({"do": what, "layer": site.layer, "ref": site.ref, "name": site.name, "geometry": shape})
        frame = GeoDataFrame(rows, columns=["do", "layer", "ref", "name", "geometry"], crs=STORAGE_CRS)
        return frame.set_geometry(shapely.point_on_surface(frame.geometry.to_numpy()), crs=STORAGE_CRS)

    def _row(self, number: int, change: Add) -> dict[str, Any]:
        shape = change.shape()
        lined, flat = (shapely.get_dimensions(shape) == dimension for dimension in (1, 2))
        return {
            "id": number, "layer": change.layer, "ref": change.ref, "name": change.name, "status": "cared_for",
            "length_m": geodesic_length_m(shape) if lined else np.nan,
            "area_m2": float(geodesic_areas_m2(np.array([shape]))[0]) if flat else np.nan,
            "geometry": shape,
        }  # fmt: skip

    def claims(self, claims: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
        """Return claims with those that the scenario makes; `sites` has id, layer and ref."""
        ids = {(row.layer, row.ref): row.id for row in sites.itertuples()}
        fresh = [
            {"site_id": ids[change.layer, change.ref], "type": "stewardship", "status": "current",
             "from_m": change.from_m, "to_m": change.to_m}
            for change in self._adopted if (change.layer, change.ref) in ids
        ]  # fmt: skip
        return pd.concat([claims, pd.DataFrame(fresh)], ignore_index=True) if fresh else claims

    def tenures(self, tenures: pd.DataFrame, sites: pd.DataFrame, day: date) -> pd.DataFrame:
        """Return tenures (as `tenure_frame`) with those that the scenario makes, from a day on.

        Each place that is adopted gets a steward of its own, numbered below 0; sites that are closed leave nothing.
        """
        closed = pd.MultiIndex.from_arrays([tenures["layer"], tenures["ref"]]).isin(list(self._closed))
        kept = tenures[~closed]
        ids = {(row.layer, row.ref): row.id for row in sites.itertuples()}
        fresh = [
            {"site": ids[change.layer, change.ref], "layer": change.layer, "ref": change.ref, "claimant": -number,
             "kind": "", "type": "stewardship", "status": "current", "valid_from": day, "valid_to": None,
             "from_m": change.from_m, "to_m": change.to_m}
            for number, change in enumerate(self._adopted, start=1) if (change.layer, change.ref) in ids
        ]  # fmt: skip
        if not fresh:
            return kept.reset_index(drop=True)
        rows = pd.DataFrame(fresh).astype({"from_m": "float64", "to_m": "float64"})
        return pd.concat([kept, rows], ignore_index=True)


NO_CHANGES = ScenarioChanges([])


def read_changes(session: Session, scenario_id: int | None) -> ScenarioChanges:
    """Return the changes of a scenario, none where no scenario is asked for."""
    return NO_CHANGES if scenario_id is None else ScenarioChanges(get_scenario(session, scenario_id).changes)
