"""Service coverage: who lives within reach of a site, by district and by group of people."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.analysis.service.areal import area_shares
from geocommons.analysis.walk.entrances import SNAP_MAX_M, Entries, Snapped, enter, nearest_pairs, snap
from geocommons.analysis.walk.network import NODE_CAPACITY, Floats, Ints, Objects, WalkNetwork
from geocommons.analysis.walk.walking import walk_to_nearest
from geocommons.errors import InvalidInput

State = Literal["served", "unserved", "not_assessed"]
Weighting = Literal["point", "area"]
MeasuredFrom = Literal["boundary", "gates", "centroid"]
STATES: tuple[State, ...] = ("served", "unserved", "not_assessed")
QUANTILES = (10, 25, 50, 75, 90)
WALKING_SPEED_KMH = 4.8
FEW_PEOPLE = 50
EQUAL_WITHIN_M = 1e-6
"""A walk of exactly the reach is served, whatever its last binary digit."""


@dataclass(frozen=True)
class Share:
    """How many people of a part of the town are served: the rows of the tables."""

    name: str | None
    people: float
    served: float
    unserved: float
    not_assessed: float

    @property
    def share(self) -> float | None:
        """Served people as a part of all; None where nobody lives."""
        return self.served / self.people if self.people else None

    @property
    def few(self) -> bool:
        """Whether these are too few people to read the share as a rate (fewer than 50)."""
        return self.people < FEW_PEOPLE


@dataclass(frozen=True, eq=False)
class Coverage:
    """Who is served.

    `demand` is the given frame with `distance_m` (inf: no way to any site; NaN: not assessed), `nearest` (position
    of the site in the given frame, -1: none), `share` (the part of it that is served, 0 to 1; NaN: not assessed) and
    `state` (weighted by area: what holds for most of it). In `districts` the row named None holds the people
    outside every district; a group's people are the sum of its `group_` column. `quantiles_m` are the distances
    within which 10, 25, 50, 75 and 90 % of the people live who can reach a site. `unreachable` people are on the
    network and part of the unserved, but no street leads them to a site. `unentered` are positions of sites that the
    network does not come near.
    """

    demand: GeoDataFrame
    totals: Share
    districts: tuple[Share, ...]
    groups: tuple[Share, ...]
    quantiles_m: dict[int, float | None]
    unreachable: float
    unentered: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Walks:
    """The walk from each demand to its nearest site, as `walk_to_nearest` gives it, and who is on the network.

    `unentered` are positions of sites that the network does not come near.
    """

    walk_m: Floats
    nearest: Ints
    assessed: NDArray[np.bool_]
    unentered: Ints


def minutes_to_metres(minutes: float, speed_kmh: float = WALKING_SPEED_KMH) -> float:
    """Return how far people walk in so many minutes (4.8 km/h: 10 minutes are 800 m)."""
    return minutes * speed_kmh * 1000 / 60


def find_coverage(
    demand: GeoDataFrame,
    sites: GeoDataFrame,
    *,
    network: WalkNetwork | None = None,
    reach_m: float,
    snap_max_m: float = SNAP_MAX_M,
    weighting: Weighting = "point",
    measured_from: MeasuredFrom = "boundary",
    snapped: Snapped | None = None,
    walks: Walks | None = None,
) -> Coverage:
    """Return who lives within `reach_m` metres (and exactly that far) of a site, and who does not.

    All are in one metric CRS. `demand` has `people`, may have counts by group (`group_...`) and `district`; what is no
    point stands at a point on its surface. With a network the distance is the walk, legs to and from the nearest edge
    included; without one the straight line to the site, 0 inside it. Demand without geometry, or over `snap_max_m`
    from the network, is not assessed, and counted as such. `snapped` is where the demand steps onto it, and `walks`
    what `find_walks` gives, if they were found before.

    A site is `measured_from` its "boundary" (where streets touch it or come nearest), its "gates" (points in column
    `gate`; if it has none, its boundary) or its "centroid" (if that lies outside, a point on it). With `weighting`
    "area", in a straight line only, people are served by the part of their area within reach (`area_shares`).
    """
    _refuse_unusable(demand, sites)
    if weighting == "area" and network is not None:
        raise InvalidInput("People are weighted by area in a straight line only. Measure from points along streets.")
    points, (places, site) = demand_points(demand), site_places(sites, measured_from)
    if network is None:
        ways = Walks(*_straight_to_nearest(points, places, site), ~shapely.is_missing(points), site[:0])
    else:
        ways = walks or find_walks(network, points, places, site, snap_max_m=snap_max_m, snapped=snapped)
    within = np.asarray(ways.walk_m <= reach_m + EQUAL_WITHIN_M, dtype=np.float64)
    share = area_shares(demand.geometry, places, reach_m=reach_m) if weighting == "area" else within
    share[~ways.assessed] = np.nan
    distance = np.where(ways.assessed, ways.walk_m, np.nan)
    return sum_up(demand.assign(distance_m=distance, nearest=ways.nearest, share=share), tuple(ways.unentered.tolist()))


def find_walks(
    network: WalkNetwork,
    points: Objects,
    places: Objects,
    site: Ints,
    *,
    snap_max_m: float = SNAP_MAX_M,
    snapped: Snapped | None = None,
) -> Walks:
    """Return the walk from each point to its nearest site by any of its places (`site_places`), however long."""
    snapped = snapped or snap(network, points, max_m=snap_max_m)
    entries = enter_sites(network, places, site, snap_max_m)
    walk_m, nearest = walk_to_nearest(network, entries, snapped)
    return Walks(walk_m, nearest, snapped.edge >= 0, entries.unentered)


def site_places(sites: GeoDataFrame, measured_from: MeasuredFrom = "boundary") -> tuple[Objects, Ints]:
    """Return the shapes from which sites are measured, and the position of the site of each, ascending."""
    shapes = np.array(sites.geometry, dtype=object)
    if measured_from == "centroid":
        middle = shapely.centroid(shapes)
        shapes = np.where(shapely.intersects(shapes, middle), middle, shapely.point_on_surface(shapes))
    if measured_from != "gates" or "gate" not in sites:
        return shapes, np.arange(len(shapes))
    gates = np.array(sites["gate"], dtype=object)
    gates[pd.isna(gates)] = None
    known = ~(shapely.is_missing(gates) | shapely.is_empty(gates))
    parts, row = shapely.get_parts(gates[known], return_index=True)
    site = np.concatenate([np.flatnonzero(known)[row], np.flatnonzero(~known)])
    order = np.argsort(site, kind="stable")
    return np.concatenate([parts, shapes[~known]])[order], site[order]


def enter_sites(network: WalkNetwork, places: Objects, site: Ints, max_m: float = SNAP_MAX_M) -> Entries:
    """Return where the network enters each site by any of its places (`site_places`)."""
    entries = enter(network, places, max_m=max_m)
    own = site[entries.site]
    return replace(entries, site=own, unentered=np.setdiff1d(site, own))


def demand_points(demand: GeoDataFrame) -> Objects:
    """Return one point for each demand: itself, or a point on its surface (inside a polygon, on a line)."""
    shapes = np.asarray(demand.geometry, dtype=object)
    points = shapes.copy()
    spread = shapely.get_type_id(shapes) > shapely.GeometryType.POINT
    points[spread] = shapely.point_on_surface(shapes[spread])
    points[shapely.is_empty(points)] = None
    return points


def assign_districts(points: Objects, districts: GeoDataFrame, *, border: float = 0.0) -> Objects:
    """Return the `name` of the district that holds each point, or None.

    On a border, `border` (in units of the CRS) wide to each side, it is the first of the districts by name.
    """
    names = districts["name"].to_numpy(dtype=object)
    tree = shapely.STRtree(np.asarray(districts.geometry, dtype=object))
    point, district = tree.query(points, predicate="dwithin", distance=border)
    found: Objects = np.full(len(points), None, dtype=object)
    last_first = np.argsort(names[district].astype(str), kind="stable")[::-1]
    found[point[last_first]] = names[district[last_first]]
    return found


def refuse_unmetric(frame: GeoDataFrame, what: str) -> None:
    """Refuse a frame in which lengths are not metres: no CRS, degrees, feet, or Web Mercator."""
    crs = frame.crs
    metric = crs is not None and crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)
    if not metric or "Pseudo-Mercator" in str(crs.name):
        raise InvalidInput(
            "The {what} are in {crs}, where lengths are not true metres. Reproject them to a local metric CRS first.",
            what=what,
            crs=crs.name if crs is not None else "no CRS",
        )


def _refuse_unusable(demand: GeoDataFrame, sites: GeoDataFrame) -> None:
    """Refuse frames that cannot be measured, and counts of people that cannot be."""
    refuse_unmetric(demand, "people")
    refuse_unmetric(sites, "sites")
    if demand.crs != sites.crs:
        raise InvalidInput("People and sites are not in one CRS. Reproject both to the same metric CRS first.")
    for column in ["people", *group_columns(demand)]:
        counts = demand[column].to_numpy(dtype=np.float64)
        wrong = np.flatnonzero(~(np.isfinite(counts) & (counts >= 0)))
        if len(wrong):
            raise InvalidInput(
                "Column {column} of the population has {count} values that are no count, the first in row {row}.",
                column=column,
                count=len(wrong),
                row=int(wrong[0]) + 1,
            )


def group_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that count people by group."""
    return [str(column) for column in frame.columns if str(column).startswith("group_")]


def _straight_to_nearest(points: Objects, places: Objects, site: Ints) -> tuple[Floats, Ints]:
    """Return the straight distance to the nearest site, and that site."""
    distance, nearest = np.full(len(points), np.inf), np.full(len(points), -1)
    point, place, metres = nearest_pairs(shapely.STRtree(places, node_capacity=NODE_CAPACITY), points)
    last_first = np.lexsort((-place, point))
    distance[point[last_first]], nearest[point[last_first]] = metres[last_first], site[place[last_first]]
    return distance, nearest


def sum_up(demand: GeoDataFrame, unentered: tuple[int, ...] = ()) -> Coverage:
    """Return the coverage of demand with `distance_m`, `nearest` and `share`: its states and tables."""
    frame = demand.assign(state=_states(demand["share"].to_numpy(dtype=np.float64)))
    people = frame["people"].to_numpy(dtype=np.float64)
    distance = frame["distance_m"].to_numpy(dtype=np.float64)
    parts = _parts(frame["share"].to_numpy(dtype=np.float64))
    whole = np.zeros(len(frame), dtype=np.intp)
    groups = tuple(
        _shares((column.removeprefix("group_"),), whole, parts, frame[column].to_numpy(dtype=np.float64))[0]
        for column in group_columns(frame)
    )
    return Coverage(
        demand=frame,
        totals=_shares((None,), whole, parts, people)[0],
        districts=_by_district(frame, parts, people),
        groups=groups,
        quantiles_m=_quantiles(distance, people),
        unreachable=float(people[np.isinf(distance)].sum()),
        unentered=unentered,
    )


def _states(share: Floats) -> Objects:
    """Return what holds for most of each demand."""
    names = np.asarray(STATES, dtype=object)
    return np.asarray(names[np.where(np.isnan(share), 2, np.where(share >= 0.5, 0, 1))], dtype=object)


def _parts(share: Floats) -> Floats:
    """Return which part of each demand is served, unserved and not assessed."""
    known = np.isfinite(share)
    served = np.where(known, share, 0.0)
    return np.column_stack([served, np.where(known, 1.0 - served, 0.0), ~known])


def _shares(names: tuple[str | None, ...], row: Ints, parts: Floats, people: Floats) -> tuple[Share, ...]:
    """Return a row for each name: people by state; the states add up to the people to the last digit."""
    sums = np.stack([np.bincount(row, people * part, minlength=len(names)) for part in parts.T], axis=1).tolist()
    return tuple(Share(name, sum(states), *states) for name, states in zip(names, sums, strict=False))


def _by_district(frame: GeoDataFrame, parts: Floats, people: Floats) -> tuple[Share, ...]:
    """Return a row for each district by name, and last one for people outside all districts, if there are."""
    if "district" not in frame:
        return ()
    codes, names = pd.factorize(frame["district"], sort=True)
    labels: list[str | None] = [str(name) for name in names]
    if (codes < 0).any():
        labels.append(None)
    return _shares(tuple(labels), np.where(codes < 0, len(names), codes), parts, people)


def _quantiles(distance: Floats, people: Floats) -> dict[int, float | None]:
    """Return the smallest distances within which so many per cent of the people live."""
    known = np.isfinite(distance) & (people > 0)
    order = np.argsort(distance[known], kind="stable")
    metres, upto = distance[known][order], np.cumsum(people[known][order])
    if len(metres) == 0:
        return dict.fromkeys(QUANTILES)
    at = np.searchsorted(upto, upto[-1] * np.array(QUANTILES) / 100)
    return dict(zip(QUANTILES, metres[np.minimum(at, len(metres) - 1)].tolist(), strict=True))
