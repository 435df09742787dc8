"""Gaps: where the people live whom no site serves, grouped into areas and ranked."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geocommons.analysis.service.coverage import group_columns, refuse_unmetric
from geocommons.analysis.walk.entrances import nearest_pairs
from geocommons.analysis.walk.network import Floats, Ints, Objects
from geocommons.errors import InvalidInput

JOIN_M = 150.0
STREET_M = 30.0
"""An outline runs across gaps up to this wide: blocks on both sides of a street are one shape."""
PLAIN_M = 2.0
"""An outline is drawn to this accuracy."""
CROWD = 300
"""More discs than this in one area are slow to join, and no reader could tell them from squares."""
TILE_CELLS = 8


def find_gaps(
    demand: GeoDataFrame, sites: GeoDataFrame, *, join_m: float = JOIN_M, by_district: bool = False
) -> GeoDataFrame:
    """Return the areas where unserved people live, most people first.

    `demand` is the frame of a `Coverage` (`people`, `state`, `distance_m`, `nearest`; may have `group_...` and
    `district`). Two unserved demands within `join_m` metres are in one area (single linkage). Of each area: `rank`
    (from 1), `people`, the sums of `group_...`, `places` (how many demands), `district` (where most of them live),
    `nearest` (position of the site that is nearest to any of them), `distance_m` and `distance_min_m` (mean by
    people, and smallest; over those who can reach a site, NaN if none can), `unreachable` (people who cannot) and
    an outline. Where no site can be reached, `nearest` is the nearest in a straight line. Demand without people is no
    gap. Equal areas are ordered west to east, then south to north. `by_district` cuts areas at district borders; who
    lives outside all of them is then apart.
    """
    refuse_unmetric(demand, "people")
    if not join_m >= 0:
        raise InvalidInput("The distance that joins gaps must be 0 metres or more.")
    unserved = demand[(demand["state"] == "unserved") & (demand["people"] > 0)].reset_index(drop=True)
    shapes = np.asarray(unserved.geometry, dtype=object)
    area = _linked(shapes, join_m)
    if by_district and "district" in unserved:
        code = pd.factorize(unserved["district"], sort=True)[0]
        area = np.unique(np.column_stack([area, code]), axis=0, return_inverse=True)[1].reshape(-1)
    table = _sums(unserved, area)
    outlines = _outlines(shapes, area, len(table), join_m)
    lost = table["nearest"].to_numpy() < 0
    table.loc[lost, "nearest"] = _straight_nearest(outlines[lost], np.asarray(sites.geometry, dtype=object))
    return _ranked(GeoDataFrame(table, geometry=outlines, crs=demand.crs))


def _linked(shapes: Objects, join_m: float) -> Ints:
    """Return the number of its area for each shape: areas are chains of shapes within `join_m` metres.

    Points are first put together in cells so small that all points of a cell are linked: the work then grows with
    the town, not with the square of the people in a street.
    """
    item = np.arange(len(shapes))
    if join_m > 0:
        item = _cells(shapes, join_m)
    items = _collected(shapes, item)
    one, other = shapely.STRtree(items).query(items, predicate="dwithin", distance=join_m)
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(items), len(items)))
    return np.asarray(connected_components(links, directed=False)[1][item], dtype=np.intp)


def _cells(shapes: Objects, join_m: float) -> Ints:
    """Return a number for each shape: one for all points of a cell with diagonal `join_m`, one for each other shape."""
    item = np.empty(len(shapes), dtype=np.intp)
    point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    # A hair under the square in a circle, so that rounding never puts two points farther apart than the diagonal.
    side = join_m / np.sqrt(2) * (1 - 1e-9)
    xy = shapely.get_coordinates(shapes[point])
    cell = np.unique(np.floor(xy / side), axis=0, return_inverse=True)[1]
    item[point] = cell
    item[~point] = np.arange((~point).sum()) + cell.max(initial=-1) + 1
    return item


def _collected(shapes: Objects, item: Ints) -> Objects:
    """Return one geometry for each item: a shape, or the multipoint of its points."""
    order = np.argsort(item, kind="stable")
    starts = np.flatnonzero(np.diff(item[order], prepend=-1))
    items = shapes[order][starts]
    many = np.flatnonzero(np.diff(np.append(starts, len(order))) > 1)
    points = np.isin(item[order], many)
    if len(many):
        number = np.searchsorted(many, item[order][points])
        items[many] = shapely.multipoints(shapes[order][points], indices=number)
    return items


def _sums(unserved: GeoDataFrame, area: Ints) -> pd.DataFrame:
    """Return the figures of each area."""
    count = int(area.max(initial=-1)) + 1
    people = unserved["people"].to_numpy(dtype=np.float64)
    metres = unserved["distance_m"].to_numpy(dtype=np.float64)
    known = np.isfinite(metres)
    reached = np.bincount(area[known], people[known], minlength=count)
    weighted = np.bincount(area[known], (people * np.where(known, metres, 0))[known], minlength=count)
    order = np.lexsort((unserved["nearest"].to_numpy(), metres, area))
    first = order[np.flatnonzero(np.diff(area[order], prepend=-1))]
    columns: dict[str, Any] = {"people": np.bincount(area, people, minlength=count)}
    for column in group_columns(unserved):
        columns[column] = np.bincount(area, unserved[column].to_numpy(dtype=np.float64), minlength=count)
    columns |= {
        "places": np.bincount(area, minlength=count),
        "district": pd.Series(_main_district(unserved, area, people, count), dtype=object),
        "nearest": unserved["nearest"].to_numpy(dtype=np.intp)[first],
        "distance_m": np.divide(weighted, reached, out=np.full(count, np.nan), where=reached > 0),
        "distance_min_m": np.where(known[first], metres[first], np.nan),
        "unreachable": np.bincount(area, np.where(known, 0.0, people), minlength=count),
    }
    return pd.DataFrame(columns)


def _main_district(unserved: GeoDataFrame, area: Ints, people: Floats, count: int) -> Objects:
    """Return the district of most people of each area (of equals the first by name), or None."""
    found: Objects = np.full(count, None, dtype=object)
    if "district" not in unserved:
        return found
    codes, names = pd.factorize(unserved["district"], sort=True)
    inside = codes >= 0
    cells, where = np.unique(np.column_stack([area, codes])[inside], axis=0, return_inverse=True)
    if len(cells) == 0:
        return found
    weight = np.bincount(where.ravel(), people[inside])
    order = np.lexsort((-cells[:, 1], weight))
    found[cells[order, 0]] = np.asarray(names, dtype=object)[cells[order, 1]]
    return found


def _outlines(shapes: Objects, area: Ints, count: int, join_m: float) -> Objects:
    """Return one plain outline for each area: polygons joined across streets, points and lines with room around."""
    outlines: Objects = np.empty(count, dtype=object)
    order = np.argsort(area, kind="stable")
    upto = np.cumsum(np.bincount(area, minlength=count))
    # A tenth over half of the join distance, so that the rooms of two neighbours meet in more than one point.
    room = 0.55 * max(join_m, STREET_M)
    for number, members in enumerate(np.split(shapes[order], upto)[:count]):
        flat = shapely.get_dimensions(members) == 2
        grown = [_around(members[~flat], room)]
        if flat.any():
            grown.append(_closed(members[flat]))
        outlines[number] = shapely.simplify(shapely.union_all(grown), PLAIN_M)
    return outlines


def _around(shapes: Objects, room: float) -> Any:
    """Return the room around points and lines; of a crowd of points, around the squares of a grid they stand in."""
    if len(shapes) <= CROWD or (shapely.get_type_id(shapes) != shapely.GeometryType.POINT).any():
        return shapely.buffer(shapely.union_all(shapes), room, quad_segs=6)
    side = room / 2
    cells = np.unique(np.floor(shapely.get_coordinates(shapes) / side), axis=0)
    # Tile by tile: one buffer of a whole town's squares takes minutes.
    tile = np.unique(cells // TILE_CELLS, axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(tile, kind="stable")
    west, south = cells[order].T * side
    squares = np.asarray(shapely.box(west, south, west + side, south + side))
    tiles = np.split(squares, np.flatnonzero(np.diff(tile[order])) + 1)
    blocks = [shapely.coverage_union_all(tile) for tile in tiles]
    return shapely.union_all(shapely.buffer(blocks, room, quad_segs=6))


def _closed(polygons: Objects) -> Any:
    """Return the union of polygons, closed across gaps as wide as a street."""
    reach = STREET_M / 2
    swollen = shapely.union_all(shapely.buffer(shapely.make_valid(polygons), reach, join_style="mitre"))
    return shapely.union_all([shapely.buffer(swollen, -reach, join_style="mitre"), *shapely.make_valid(polygons)])


def _straight_nearest(outlines: Objects, places: Objects) -> Ints:
    """Return the nearest site in a straight line (of equals the first), -1 without sites."""
    nearest = np.full(len(outlines), -1)
    outline, site, _ = nearest_pairs(shapely.STRtree(places), outlines)
    last_first = np.argsort(-site, kind="stable")
    nearest[outline[last_first]] = site[last_first]
    return nearest


def _ranked(areas: GeoDataFrame) -> GeoDataFrame:
    """Return areas with their rank, most people first."""
    bounds = areas.bounds
    order = np.lexsort((bounds["miny"].to_numpy(), bounds["minx"].to_numpy(), -areas["people"].to_numpy()))
    ranked = areas.iloc[order].reset_index(drop=True)
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    return ranked
