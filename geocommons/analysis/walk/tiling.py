"""Cut a bounded question into square tiles, each of which answers for its own people what one machine would."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geocommons.analysis.walk.entrances import SNAP_MAX_M
from geocommons.analysis.walk.network import Floats, Ints, Objects
from geocommons.errors import InvalidInput

SPARE_M, SPARE_PART = 1.0, 0.01
"""More halo than is needed: ends that round to one centimetre are one node, so a walk may be a hair too short."""


@dataclass(frozen=True, eq=False)
class TileJob:
    """Positions, ascending, in the whole: the demand that a tile answers for, and the sites and streets it needs."""

    demand: Ints
    site: Ints
    street: Ints


def tile_jobs(
    points: Iterable[Any],
    sites: Iterable[Any],
    streets: Iterable[Any],
    *,
    reach_m: float,
    tiles: int,
    snap_max_m: float = SNAP_MAX_M,
) -> list[TileJob]:
    """Return the jobs of about so many square tiles with people in them, ordered west to east within south to north.

    `points` are the demand, in one metric CRS with site shapes and street lines; without a place it belongs to no tile.
    Streets are the edges of the network, or lines that meet at their ends: lines still to be split at shared vertices
    would be split otherwise without their neighbours. Each tile's answer up to `reach_m` is exactly that of the
    whole, to the last bit: a walk is nowhere farther from home than it is long, so a halo of the reach and the longest
    leg holds every street of it; the streets around a site of the halo decide where that is entered, and all of those
    within a leg of it are there, even if the site runs far out of the halo.
    """
    if not (np.isfinite(reach_m) and reach_m >= 0 and tiles >= 1):
        raise InvalidInput("Tiles need a reach in metres, and there must be at least one of them.")
    demand, places, lines = (np.asarray(shapes, dtype=object) for shapes in (points, sites, streets))
    halo_m = reach_m * (1 + SPARE_PART) + snap_max_m + SPARE_M
    place_tree, line_tree = shapely.STRtree(places), shapely.STRtree(lines)
    jobs = []
    for own in _squares(demand, tiles):
        halo = shapely.box(*_grown(shapely.total_bounds(demand[own]), halo_m))
        site = np.sort(place_tree.query(halo))
        around = shapely.box(*_grown(shapely.bounds(places[site]), snap_max_m + SPARE_M).T)
        street = np.union1d(line_tree.query(halo), line_tree.query(around)[1])
        jobs.append(TileJob(own, site, street))
    return jobs


def _squares(points: Objects, tiles: int) -> list[Ints]:
    """Return the positions of the points in each square that has any."""
    known = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    if len(known) == 0:
        return []
    xy = shapely.bounds(points[known])[:, :2]
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    side = max(np.sqrt(max(east - west, 1.0) * max(north - south, 1.0) / tiles), 1.0)
    column, row = ((xy - (west, south)) // side).astype(np.int64).T
    number = row * (column.max() + 1) + column
    order = np.argsort(number, kind="stable")
    cuts = np.flatnonzero(np.diff(number[order])) + 1
    return [known[members] for members in np.split(order, cuts)]


def _grown(bounds: Floats, metres: float) -> Floats:
    """Return boxes with so much room around."""
    return np.asarray(bounds + np.array([-metres, -metres, metres, metres]))
