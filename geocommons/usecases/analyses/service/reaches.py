"""Rivers by the stretch: the metres that somebody looks after, and those that nobody asked for."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.rivers.coverage import RiverCoverage, find_river_coverage
from geocommons.analysis.rivers.depth import DepthProfile, find_river_gaps
from geocommons.analysis.rivers.offers import cut_stretches
from geocommons.crs import STORAGE_CRS
from geocommons.layer import get_layer
from geocommons.linear import substrings_by_measure
from geocommons.model.tenure import IN_FORCE
from geocommons.usecases.questions.inputs import Inputs

WHOLE_M = 0.5
"""A claim that stops this near to an end of the river, as agreements round it, goes to the end."""
NOT_ADOPTABLE = "not_adoptable"


def reach_ref(river: str, from_m: float, to_m: float) -> str:
    """Return the number of a stretch that is free, as candidates have it: R-01:1350-2060."""
    return f"{river}:{round(from_m, 3):.10g}-{round(to_m, 3):.10g}"


def read_reach(ref: str) -> tuple[str, float, float]:
    """Return the river of a stretch, and from where to where it goes, by the number that `reach_ref` gave it."""
    river, _, metres = ref.rpartition(":")
    from_m, _, to_m = metres.partition("-")
    return river, float(from_m), float(to_m)


def adopted_parts(inputs: Inputs, sites: GeoDataFrame, day: date) -> GeoDataFrame:
    """Return sites (EPSG:4326) that are looked after, those on measured lines no longer than what of them is.

    Sites of a scenario are as they were drawn.
    """
    shapes = np.array(sites.geometry, dtype=object)
    for layer_id in sites["layer"].unique():
        if get_layer(layer_id).measured:
            rows = np.flatnonzero((sites["layer"] == layer_id).to_numpy() & (sites["id"] > 0).to_numpy())
            if not len(rows):
                continue
            rivers = sites.iloc[rows]
            stretches = _coverage(inputs, rivers, layer_id, day).stretches
            held = stretch_frame(rivers, stretches[stretches["current"] > 0])
            parts = held.geometry.groupby(held["site_id"]).agg(lambda lines: shapely.union_all(lines.to_numpy()))
            shapes[rows] = parts.reindex(rivers["id"]).to_numpy()
    kept = sites.set_geometry(GeoDataFrame(geometry=shapes, crs=STORAGE_CRS, index=sites.index).geometry)
    return kept[~(kept.geometry.isna() | kept.geometry.is_empty)]


def reaches_of(inputs: Inputs, rivers: GeoDataFrame, layer_id: str, day: date) -> GeoDataFrame:
    """Return what nobody holds of rivers or asked for, as land: layer, ref, name and geometry (EPSG:4326)."""
    free = free_reaches(rivers, _coverage(inputs, rivers, layer_id, day).profile)
    refs = [reach_ref(*row) for row in free[["river", "from_m", "to_m"]].itertuples(index=False, name=None)]
    names = [
        f"{name or river} {start:.0f}–{stop:.0f} m"
        for name, river, start, stop in free[["name", "river", "from_m", "to_m"]].itertuples(index=False, name=None)
    ]
    return GeoDataFrame({"layer": layer_id, "ref": refs, "name": names}, geometry=free.geometry, crs=STORAGE_CRS)


def free_reaches(rivers: GeoDataFrame, profile: DepthProfile) -> GeoDataFrame:
    """Return as `stretch_frame` what may be offered: unclaimed, on a river that may be adopted, of a fair length."""
    unclaimed = find_river_gaps(replace(profile, current=profile.claims))
    barred = (rivers["status"] == NOT_ADOPTABLE).to_numpy()
    return stretch_frame(rivers, cut_stretches(unclaimed[~barred[unclaimed["river"].to_numpy(dtype=np.intp)]]))


def _coverage(inputs: Inputs, rivers: GeoDataFrame, layer_id: str, day: date) -> RiverCoverage:
    claims = inputs.claims(layer_id, get_layer(layer_id).care_types, day)
    return find_river_coverage(rivers["length_m"], river_events(rivers, claims))


def river_events(rivers: GeoDataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return claims on these rivers as the measuring takes them: river by position, and current or requested.

    What else claims say (`claimant`) stays beside it.
    """
    position = pd.Series(np.arange(len(rivers)), index=rivers["id"].to_numpy())
    here = claims[claims["site_id"].isin(position.index)]
    river = position.loc[here["site_id"]].to_numpy(dtype=np.intp)
    start, stop = (here[name].to_numpy(dtype=np.float64) for name in ("from_m", "to_m"))
    length = rivers["length_m"].to_numpy(dtype=np.float64)[river]
    kinds = np.where(here["status"].isin(IN_FORCE), "current", "requested")
    return here.assign(
        river=river,
        from_m=np.where(start <= WHOLE_M, 0.0, start),
        to_m=np.where(stop >= length - WHOLE_M, length, stop),
        kind=kinds.astype(object),
    )


def stretch_frame(rivers: GeoDataFrame, stretches: pd.DataFrame) -> GeoDataFrame:
    """Return stretches with their geometry (EPSG:4326): river (ref), name, site_id, from_m, to_m, length_m.

    Their `claims` (current and requested) and `depth` (current) stay, where they have them.
    """
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
    columns |= {name: stretches[name].to_numpy(dtype=np.int64) for name in ("claims", "depth") if name in stretches}
    drawn = substrings_by_measure(rivers.geometry, rivers["length_m"], river, start, stop)
    return GeoDataFrame(columns, geometry=drawn, crs=STORAGE_CRS)
