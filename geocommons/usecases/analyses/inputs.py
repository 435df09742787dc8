"""Load what an analysis stands on: sites of a day and context sets, each with its checksum."""

import hashlib
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pydantic import BaseModel
from sqlalchemy.orm import Session

from geocommons.analysis.service.coverage import assign_districts, demand_points
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.crs import local_metric_crs, to_metric, total_bbox
from geocommons.errors import InvalidInput
from geocommons.layer import get_layer
from geocommons.settings import Settings
from geocommons.store.context_sets import find_context, get_context
from geocommons.store.stewardship import claim_frame, site_frame
from geocommons.usecases.context import read_context
from geocommons.usecases.imports.facts import ENTRANCE
from geocommons.usecases.public_sites import public_frame

STEWARDED = ("cared_for", "lapsing", "needs_help")
NODES = ["from_node", "to_node"]


class Inputs:
    """The frames of one question, in EPSG:4326, and the checksum of each by name."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session, self._settings = session, settings
        self.checksums: dict[str, str] = {}

    def context(self, kind: str) -> GeoDataFrame:
        """Return a context set, or refuse with the command that adds it."""
        entry = get_context(self._session, kind)
        self.checksums[kind] = entry.checksum
        return read_context(self._settings, entry)

    def context_or_none(self, kind: str) -> GeoDataFrame | None:
        """Return a context set that the analysis can do without."""
        return None if find_context(self._session, kind) is None else self.context(kind)

    def sites(self, layer_ids: Sequence[str], day: date, *, cared_for: bool = False) -> GeoDataFrame:
        """Return the sites of some layers that exist on a day (only those with a steward then, if asked), by ref.

        A site with a known entrance is that point: a garden may stand on a parcel far larger than itself.
        """
        layers = [get_layer(layer_id).id for layer_id in layer_ids]
        frame = site_frame(self._session, layers, day, statuses=STEWARDED if cared_for else None)
        frame = self._entered(frame, layers, day).sort_values(["layer", "ref"]).reset_index(drop=True)
        self.checksums["sites"] = frame_checksum(frame, ["layer", "ref", "name"])
        return frame

    def _entered(self, frame: GeoDataFrame, layers: Sequence[str], day: date) -> GeoDataFrame:
        """Return sites that are entered at a known gate as that point."""
        for layer_id in layers:
            model: type[BaseModel] = get_layer(layer_id).facts
            if set(ENTRANCE) <= set(model.model_fields):
                known = public_frame(self._session, layer_id, day).set_index("id")[list(ENTRANCE)].dropna()
                at = frame["id"].isin(known.index)
                gates = known.loc[frame.loc[at, "id"]].to_numpy(dtype=np.float64)
                frame.loc[at, "geometry"] = shapely.points(gates)
        return frame

    def claims(self, layer_id: str, types: Sequence[str], day: date) -> pd.DataFrame:
        """Return who holds or asks for which stretch on a day, as `claim_frame` does."""
        claims = claim_frame(self._session, layer_id, types, day)
        refs = site_frame(self._session, [layer_id], day).set_index("id")["ref"]
        named = claims.assign(ref=claims["site_id"].map(refs)).sort_values(["ref", "from_m", "to_m", "type", "status"])
        self.checksums["claims"] = frame_checksum(named, ["ref", "type", "status", "from_m", "to_m"])
        return claims


def frame_checksum(frame: pd.DataFrame, columns: Sequence[str]) -> str:
    """Return the SHA-256 of some columns of a frame, and of its geometry if it has one."""
    digest = hashlib.sha256()
    for column in columns:
        digest.update("\x1f".join(map(repr, frame[column].tolist())).encode())
    if isinstance(frame, GeoDataFrame):
        for shape in shapely.to_wkb(frame.geometry.to_numpy()):
            digest.update(shape)
    return digest.hexdigest()


def check_supply(supply: Sequence[str]) -> list[str]:
    """Return the layers that serve, each once and by name; refuse none, and what is no layer."""
    if not supply:
        raise InvalidInput("Say with --supply which layers serve people, for example --supply gardens.")
    return sorted({get_layer(layer_id).id for layer_id in supply})


def metric(population: GeoDataFrame, *others: GeoDataFrame | None) -> list[GeoDataFrame]:
    """Return frames in one metric CRS around the population, first the population itself; None is left out."""
    crs = local_metric_crs(total_bbox(population.geometry.to_numpy()))
    return [to_metric(frame, crs) for frame in (population, *others) if frame is not None]


def walk_network(streets: GeoDataFrame) -> WalkNetwork:
    """Return the walk network of streets in a metric CRS; lines without node ids are cut where they share a vertex."""
    if not set(NODES) <= set(streets.columns) or bool(streets[NODES].isna().all(axis=None)):
        return build_network(streets.geometry, split_shared_vertices=True)
    return build_network(streets.geometry, from_node=streets["from_node"], to_node=streets["to_node"])


def with_district(population: GeoDataFrame, districts: GeoDataFrame | None) -> GeoDataFrame:
    """Return the population with the `district` that each stands in; as it is if there are no districts."""
    if districts is None:
        return population
    placed = population.copy()
    placed["district"] = assign_districts(demand_points(population), districts)
    return placed
