"""Reasons: why each gap is a gap, how many people are behind each reason, and the land that might close it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.analysis.service.coverage import EQUAL_WITHIN_M, demand_points, refuse_unmetric
from geocommons.analysis.walk.entrances import SNAP_MAX_M, enter, nearest_pairs, snap
from geocommons.analysis.walk.network import NODE_CAPACITY, Floats, Ints, Objects, WalkNetwork
from geocommons.analysis.walk.walking import walk_to_nearest
from geocommons.errors import InvalidInput
from geocommons.language import Words

Flags = NDArray[np.bool_]
REASONS = {
    "lapsed": Words(
        en="A site is near, but nobody looks after it", nl="Er is een plek dichtbij, maar niemand zorgt ervoor"
    ),
    "small": Words(en="A site is near, but it is too small", nl="Er is een plek dichtbij, maar die is te klein"),
    "full": Words(en="A site is near, but it is full", nl="Er is een plek dichtbij, maar die is vol"),
    "barrier": Words(
        en="A site is near, but something in between makes the walk too long",
        nl="Er is een plek dichtbij, maar iets ertussen maakt de wandeling te lang",
    ),
    "beyond": Words(en="The nearest site is just too far", nl="De dichtstbijzijnde plek is net te ver"),
    "none": Words(en="There is no site near", nl="Er is geen plek in de buurt"),
}
"""What each reason is called, in the order in which they are asked: a person has the first that holds."""
CODES = tuple(REASONS)
WITHOUT_STEWARD = ("available", "requested", "lapsed")
NEAR_TIMES = 1.5
BARRIER_TIMES = 1.5
LAND_M = 50.0


@dataclass(frozen=True, eq=False)
class GapReasons:
    """Why gaps are gaps.

    `gaps` is the given frame with `reason` (the code with most people behind it, of equals the first in the order),
    `people_lapsed`, `people_small`, ... (people by main reason: they add up to `people`) and `land` (positions of
    candidate land in or near it, nearest first). `reason` and `gap` have a row for each demand: the code's position in
    `CODES` and the position of the gap, -1 for demand that is in none.
    """

    gaps: GeoDataFrame
    reason: Ints
    gap: Ints

    def of_gap(self, position: int) -> list[tuple[str, float]]:
        """Return the reasons of one gap with the people behind each, most people first."""
        people = self.gaps[[f"people_{code}" for code in CODES]].iloc[position].to_numpy(dtype=np.float64)
        order = np.argsort(-people, kind="stable")
        return [(CODES[code], float(people[code])) for code in order if people[code] > 0]


def explain_gaps(
    gaps: GeoDataFrame,
    demand: GeoDataFrame,
    sites: GeoDataFrame,
    *,
    reach_m: float,
    network: WalkNetwork | None = None,
    area_min_m2: float | None = None,
    land: GeoDataFrame | None = None,
    land_m: float = LAND_M,
    near_times: float = NEAR_TIMES,
    barrier_times: float = BARRIER_TIMES,
) -> GapReasons:
    """Return why the `gaps` that `find_gaps` returns for `demand`, the frame of a `Coverage`, are gaps.

    `sites` are all sites, also those that did not count: without a steward (`status` available, requested or lapsed),
    below `area_min_m2` (`area_m2`), or `full`. Each column is optional; a site that none speaks against counted. People
    have one reason, the first that holds: a site within `reach_m` metres (by the network if given) without a steward,
    too small, full; one within reach in a straight line, but over `barrier_times` the reach to walk, or unreachable;
    one within `near_times` the reach; none. `land` within `land_m` metres of a gap is listed. All in one metric CRS.
    """
    refuse_unmetric(demand, "people")
    if demand.crs != sites.crs or demand.crs != gaps.crs or (land is not None and land.crs != demand.crs):
        raise InvalidInput("People and sites are not in one CRS. Reproject both to the same metric CRS first.")
    gap = assign_gaps(demand, gaps)
    inside = np.flatnonzero(gap >= 0)
    points = demand_points(demand.iloc[inside])
    places, against = np.asarray(sites.geometry, dtype=object), _against(sites, area_min_m2)
    limit_m = reach_m + EQUAL_WITHIN_M
    straight = _straight_m(points, places[against < 0])
    walk = demand["distance_m"].to_numpy(dtype=np.float64)[inside]
    held = [_distance_m(network, points, places[against == kind]) <= limit_m for kind in range(3)]
    held += [(straight <= limit_m) & ~(walk <= barrier_times * reach_m), walk <= near_times * reach_m]
    reason = np.full(len(demand), -1)
    reason[inside] = np.argmax(np.stack([*held, np.ones(len(inside), dtype=bool)]), axis=0)
    told = _sum_reasons(gaps, gap[inside], reason[inside], demand["people"].to_numpy(dtype=np.float64)[inside])
    told["land"] = pd.Series(_land_near(gaps, land, land_m), index=told.index, dtype=object)
    return GapReasons(told, reason, gap)


def _sum_reasons(gaps: GeoDataFrame, gap: Ints, reason: Ints, people: Floats) -> GeoDataFrame:
    """Return gaps with the people behind each reason, and the reason of most."""
    cells = np.bincount(gap * len(CODES) + reason, people, minlength=len(gaps) * len(CODES))
    sums = cells.reshape(-1, len(CODES))
    told = gaps.assign(reason=np.asarray(CODES, dtype=object)[sums.argmax(axis=1)])
    return told.assign(**{f"people_{code}": sums[:, position] for position, code in enumerate(CODES)})


def join_reasons(found: Sequence[GapReasons], people: Floats) -> GapReasons:
    """Return the reasons of several tests as one: people have that of the first test that they do not meet.

    Each is of the same gaps and demand (whose `people` are given), with -1 for demand that meets its test.
    """
    reasons, gaps = np.stack([one.reason for one in found]), np.stack([one.gap for one in found])
    first = (reasons >= 0).argmax(axis=0), np.arange(len(people))
    reason, gap = reasons[first], gaps[first]
    inside = gap >= 0
    return GapReasons(_sum_reasons(found[0].gaps, gap[inside], reason[inside], people[inside]), reason, gap)


def assign_gaps(demand: GeoDataFrame, gaps: GeoDataFrame) -> Ints:
    """Return for each demand the position of the gap that it is part of, -1 for none.

    Unserved people stand in the outline of their own gap, and farther than its room from any other.
    """
    unserved = ((demand["state"] == "unserved") & (demand["people"] > 0)).to_numpy()
    rows = np.flatnonzero(unserved)
    tree = shapely.STRtree(np.asarray(gaps.geometry, dtype=object))
    row, gap, _ = nearest_pairs(tree, demand_points(demand.iloc[rows]))
    found = np.full(len(demand), -1)
    last_first = np.argsort(-gap, kind="stable")
    found[rows[row[last_first]]] = gap[last_first]
    return found


def _against(sites: GeoDataFrame, area_min_m2: float | None) -> Ints:
    """Return what speaks against each site: 0 no steward, 1 too small, 2 full, and -1 where nothing does."""
    against = np.full(len(sites), -1)
    if "full" in sites:
        against[sites["full"].to_numpy(dtype=bool)] = 2
    if area_min_m2 is not None:
        against[sites["area_m2"].to_numpy(dtype=np.float64) < area_min_m2] = 1
    if "status" in sites:
        against[sites["status"].isin(WITHOUT_STEWARD).to_numpy()] = 0
    return against


def _distance_m(network: WalkNetwork | None, points: Objects, places: Objects) -> Floats:
    """Return how far it is from each point to the nearest place, by the network if there is one (inf: no way)."""
    if network is None or len(places) == 0:
        return _straight_m(points, places)
    snapped, entries = snap(network, points, max_m=SNAP_MAX_M), enter(network, places, max_m=SNAP_MAX_M)
    return walk_to_nearest(network, entries, snapped)[0]


def _straight_m(points: Objects, places: Objects) -> Floats:
    """Return the straight distance from each point to the nearest place, inf without any."""
    distance = np.full(len(points), np.inf)
    point, _, metres = nearest_pairs(shapely.STRtree(places, node_capacity=NODE_CAPACITY), points)
    distance[point] = metres
    return distance


def _land_near(gaps: GeoDataFrame, land: GeoDataFrame | None, land_m: float) -> list[tuple[int, ...]]:
    """Return for each gap the positions of the land within so many metres of it, nearest first, then as given."""
    if land is None or len(gaps) == 0:
        return [()] * len(gaps)
    shapes, outlines = np.asarray(land.geometry, dtype=object), np.asarray(gaps.geometry, dtype=object)
    gap, plot = shapely.STRtree(shapes).query(outlines, predicate="dwithin", distance=land_m)
    order = np.lexsort((plot, shapely.distance(outlines[gap], shapes[plot]), gap))
    each = np.split(plot[order], np.cumsum(np.bincount(gap, minlength=len(gaps)))[:-1])
    return [tuple(members.tolist()) for members in each]
