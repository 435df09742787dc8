"""Load what an analysis stands on: sites of a day and context sets, each with its checksum."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pydantic import BaseModel
from sqlalchemy.orm import Session

from geocommons.analysis.service.coverage import assign_districts, demand_points
from geocommons.analysis.service.standards import Standard
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.crs import local_metric_crs, to_metric, total_bbox
from geocommons.errors import InvalidInput
from geocommons.layer import get_layer
from geocommons.settings import Settings
from geocommons.store.care import care_frame, duty_frame
from geocommons.store.context_sets import find_context, get_context
from geocommons.store.stewardship import claim_frame, held_sites, member_frame, site_frame, tenure_frame
from geocommons.usecases.context_files import read_context
from geocommons.usecases.imports.facts import ENTRANCE
from geocommons.usecases.public_sites import public_frame
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.standards import find_standard

if TYPE_CHECKING:
    from geocommons.usecases.questions.scenario import ScenarioChanges

STEWARDED = ("cared_for", "lapsing", "needs_help")
NODES = ["from_node", "to_node"]


class Inputs:
    """The frames of one question, in EPSG:4326, and the checksum of each by name; a scenario's changes are made."""

    def __init__(self, session: Session, settings: Settings, changes: "ScenarioChanges", prepared: Prepared) -> None:
        self._session, self._settings, self._changes = session, settings, changes
        self.prepared = prepared
        self.checksums: dict[str, str] = {}
        self._later = True

    def before(self) -> "Inputs":
        """Return the inputs of an earlier day, without the scenario's changes; what differs is noted as earlier."""
        earlier = Inputs(self._session, self._settings, self._changes.none(), self.prepared)
        earlier.checksums, earlier._later = self.checksums, False
        return earlier

    @property
    def scheduler(self) -> str:
        """The address of many machines that may work for this one; no input, for it changes no answer."""
        return self._settings.scheduler

    def _note(self, name: str, checksum: str) -> None:
        same = self._later or self.checksums.get(name) == checksum
        self.checksums[name if same else f"{name}, earlier"] = checksum

    def context(self, kind: str) -> GeoDataFrame:
        """Return a context set, or refuse with the command that adds it."""
        entry = get_context(self._session, kind)
        self._note(kind, entry.checksum)
        key = ("context", kind, entry.checksum)
        return self.prepared.get(key, lambda: read_context(self._settings, entry))

    def context_or_none(self, kind: str) -> GeoDataFrame | None:
        """Return a context set that the analysis can do without."""
        return None if find_context(self._session, kind) is None else self.context(kind)

    def standard(self, key: str) -> Standard:
        """Return a standard by its id: a published one, or the newest version of the city's own."""
        found = find_standard(self._session, key)
        self._note("standard", text_checksum(found.to_json()))
        return found

    def sites(
        self,
        layer_ids: Sequence[str],
        day: date,
        *,
        cared_for: bool = False,
        tenure: Sequence[str] = (),
        called: str = "sites",
    ) -> GeoDataFrame:
        """Return the sites of some layers that exist on a day, by ref: as `site_frame`, with `gate` and `area_m2`.

        `cared_for`: only those with a steward then; `tenure`: only those on which a tenure of one of these types is in
        force. `called` is the name of the checksum; under any but "sites" it holds their status too. `gate` is where a
        site is entered, if that is known: a garden may stand on a parcel far larger than it.
        """
        layers = [get_layer(layer_id).id for layer_id in layer_ids]
        frame = self._changes.sites(site_frame(self._session, layers, day), layers)
        if cared_for:
            frame = frame[frame["status"].isin(STEWARDED)]
        if tenure:
            frame = frame[frame["id"].isin(held_sites(self._session, layers, tenure, day)) | (frame["id"] < 0)]
        frame = self._entered(frame, layers, day).sort_values(["layer", "ref"]).reset_index(drop=True)
        with_status = ["status"] if called != "sites" else []
        self._note(called, frame_checksum(frame, ["layer", "ref", "name", "gate", *with_status]))
        self._note_changes()
        return frame

    def _entered(self, frame: GeoDataFrame, layers: Sequence[str], day: date) -> GeoDataFrame:
        """Return sites with the gate by which they are entered, None where nobody noted one."""
        entered = frame.assign(gate=pd.Series([None] * len(frame), dtype=object, index=frame.index))
        for layer_id in layers:
            model: type[BaseModel] = get_layer(layer_id).facts
            if set(ENTRANCE) <= set(model.model_fields):
                known = public_frame(self._session, layer_id, day).set_index("id")[list(ENTRANCE)].dropna()
                at = entered["id"].isin(known.index)
                gates = shapely.points(known.loc[entered.loc[at, "id"]].to_numpy(dtype=np.float64))
                entered.loc[at, "gate"] = pd.Series(list(np.atleast_1d(gates)), index=entered.index[at], dtype=object)
        return entered

    def fact(self, sites: GeoDataFrame, name: str, day: date) -> pd.Series:
        """Return a public fact of each site on a day, None where its layer has no such fact or nobody noted it."""
        known: dict[int, object] = {}
        for layer_id in sites["layer"].unique():
            if name in get_layer(layer_id).facts.model_fields:
                table = public_frame(self._session, layer_id, day)
                known |= dict(zip(table["id"].tolist(), table[name].tolist(), strict=True))
        values = pd.Series([known.get(key) for key in sites["id"].tolist()], dtype=object)
        values = values.where(values.notna(), None)
        self._note(f"sites.{name}", text_checksum([str(value) for value in values]))
        return pd.Series(values.to_numpy(dtype=object), index=sites.index, dtype=object)

    def claims(self, layer_id: str, types: Sequence[str], day: date) -> pd.DataFrame:
        """Return who holds or asks for which stretch on a day, as `claim_frame` does."""
        sites = self._changes.sites(site_frame(self._session, [layer_id], day), [layer_id])
        claims = self._changes.claims(claim_frame(self._session, layer_id, types, day), sites)
        refs = sites.set_index("id")["ref"]
        named = claims.assign(ref=claims["site_id"].map(refs)).sort_values(["ref", "from_m", "to_m", "type", "status"])
        self._note("claims", frame_checksum(named, ["ref", "type", "status", "from_m", "to_m"]))
        self._note_changes()
        return claims

    def tenures(self, layer_ids: Sequence[str], day: date, types: Sequence[str] = ()) -> pd.DataFrame:
        """Return the tenures of some layers, past and requested ones too, as `tenure_frame` does.

        They are of the types that are care on their layer, or of those that are given.
        """
        care = {layer_id: types or get_layer(layer_id).care_types for layer_id in layer_ids}
        sites = site_frame(self._session, layer_ids, day) if self._changes.any else None
        tenures = tenure_frame(self._session, care, day)
        if sites is not None:
            tenures = self._changes.tenures(tenures, self._changes.sites(sites, layer_ids), day)
        self.checksums["tenures"] = frame_checksum(tenures, list(tenures.columns))
        self._note_changes()
        return tenures

    def care(self, layer_ids: Sequence[str], day: date) -> pd.DataFrame | None:
        """Return the care given to sites of some layers up to a day, as `care_frame` does; None if none is noted."""
        care = care_frame(self._session, layer_ids, day)
        self._note("care", frame_checksum(care, list(care.columns)))
        return care if len(care) else None

    def duties(self, layer_ids: Sequence[str]) -> pd.DataFrame | None:
        """Return what was and is due at sites of some layers, as `duty_frame` does; None if nothing is noted."""
        duties = duty_frame(self._session, layer_ids)
        self._note("duties", frame_checksum(duties, list(duties.columns)))
        return duties if len(duties) else None

    def members(self, day: date) -> pd.DataFrame:
        """Return who belongs to which body on a day, as `member_frame` does."""
        members = member_frame(self._session, day)
        self.checksums["members"] = frame_checksum(members, ["party", "body"])
        return members

    def _note_changes(self) -> None:
        if self._changes.any:
            self._note("scenario", self._changes.checksum)


def text_checksum(value: object) -> str:
    """Return the SHA-256 of a value as JSON."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


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
