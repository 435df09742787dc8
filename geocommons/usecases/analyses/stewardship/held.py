"""What questions about stewards share: which layers, who held what on a day, and where that is."""

from datetime import date

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pydantic import field_validator

from geocommons.analysis.service.coverage import assign_districts
from geocommons.analysis.walk.network import Objects
from geocommons.language import Words
from geocommons.layer import all_layers, get_layer
from geocommons.linear import measure_lines, substrings_by_measure
from geocommons.model.tenure import IN_FORCE
from geocommons.usecases.questions.question import Question, parameter


class StewardQuestion(Question):
    """A question about who looks after the sites of some layers."""

    layers: tuple[str, ...] = parameter(
        (),
        Words(en="Layers", nl="Lagen"),
        Words(en="Layers whose sites count; all if none is chosen.", nl="Lagen die meetellen; alle als er geen is."),
        of="layers",
    )

    @field_validator("layers")
    @classmethod
    def _known(cls, layers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({get_layer(layer_id).id for layer_id in layers}))

    @property
    def asked_layers(self) -> tuple[str, ...]:
        """The layers that count."""
        return self.layers or tuple(sorted(all_layers()))


def held_on(tenures: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the tenures (as `tenure_frame`) that were in force on a day; none of them begins after it."""
    until = tenures["valid_to"]
    open_then = until.isna() | np.array([end is not None and not pd.isna(end) and end > day for end in until], bool)
    return tenures[tenures["status"].isin(IN_FORCE) & open_then].reset_index(drop=True)


def kinds_of(tenures: pd.DataFrame) -> dict[int, str]:
    """Return the kind of each party that holds a tenure, by number."""
    return dict(zip(tenures["claimant"].tolist(), tenures["kind"].tolist(), strict=True))


def ground_of(tenures: pd.DataFrame, sites: GeoDataFrame) -> Objects:
    """Return the geometry (EPSG:4326) that each tenure holds: its stretch, or the whole site; None without the site."""
    at = pd.Index(sites["id"]).get_indexer(tenures["site"])
    ground: Objects = np.append(np.asarray(sites.geometry, dtype=object), [None])[at]
    part = np.flatnonzero((at >= 0) & tenures["from_m"].notna().to_numpy())
    if len(part):
        start, stop = (tenures[name].to_numpy(dtype=np.float64)[part] for name in ("from_m", "to_m"))
        held, river = np.unique(at[part], return_inverse=True)
        lines = sites.iloc[held]
        ground[part] = substrings_by_measure(lines.geometry, lines["length_m"], river, start, stop)
    return ground


def district_of(tenures: pd.DataFrame, sites: GeoDataFrame, districts: GeoDataFrame | None) -> Objects:
    """Return the district of each tenure, None outside all: where its site is, or the middle of its stretch."""
    at = pd.Index(sites["id"]).get_indexer(tenures["site"])
    found: Objects = np.full(len(tenures), None, dtype=object)
    known = np.flatnonzero(at >= 0)
    if districts is None or len(known) == 0:
        return found
    points = shapely.point_on_surface(np.asarray(sites.geometry, dtype=object))[at]
    part = np.flatnonzero((at >= 0) & tenures["from_m"].notna().to_numpy())
    if len(part):
        held, river = np.unique(at[part], return_inverse=True)
        lines = sites.iloc[held]
        middle = tenures[["from_m", "to_m"]].to_numpy(dtype=np.float64)[part].mean(axis=1)
        points[part] = shapely.points(measure_lines(lines.geometry, lines["length_m"]).points_at(river, middle)[0])
    found[known] = assign_districts(points[known], districts)
    return found
