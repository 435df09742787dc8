"""Turf (STEW-MAP, USFS GTR-NRS-156): the ground of each organisation, where several share it and where nobody works.

Parties are numeric codes. Everything is in one metric CRS.
"""

from typing import Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import refuse_unmetric
from geocommons.analysis.walk.network import Floats, Ints, Objects
from geocommons.errors import InvalidInput

Shape = Literal["union", "hull"]
GRID_M = 0.001
"""Shapes are laid over each other on a grid of a millimetre: without one, lines that run together share only points."""
CELLS_MOST = 1_000_000


def find_turf(stewarded: GeoDataFrame, *, shape: Shape = "union") -> GeoDataFrame:
    """Return the turf of each party, by code: `party, sites, area_m2, length_m` and its geometry.

    `stewarded` has a row for each site that a party stewards (`party`, geometry), or turf polygons as they were given.
    The turf is the sites themselves ("union") or the smallest convex ground around them ("hull"); nothing is added
    around. `length_m` is that of lines that are no border of a polygon.
    """
    refuse_unmetric(stewarded, "sites")
    known = stewarded[~(stewarded.geometry.isna() | stewarded.geometry.is_empty)]
    code, parties = pd.factorize(known["party"], sort=True)
    shapes = shapely.make_valid(np.asarray(known.geometry, dtype=object))
    turf: Objects = np.empty(len(parties), dtype=object)
    order = np.argsort(code, kind="stable")
    upto = np.cumsum(np.bincount(code, minlength=len(parties)))
    for number, members in enumerate(np.split(shapes[order], upto)[: len(parties)]):
        turf[number] = shapely.union_all(members)
    if shape == "hull":
        turf = np.asarray(shapely.convex_hull(turf), dtype=object)
    columns = {
        "party": parties,
        "sites": np.bincount(code, minlength=len(parties)),
        "area_m2": shapely.area(turf),
        "length_m": line_length_m(turf),
    }
    return GeoDataFrame(columns, geometry=turf, crs=stewarded.crs)


def line_length_m(shapes: Objects) -> Floats:
    """Return the metres of the lines in each shape; the borders of its polygons are none."""
    parts, owner = _simple_parts(shapes)
    lines = shapely.get_dimensions(parts) == 1
    return np.bincount(owner[lines], shapely.length(parts[lines]), minlength=len(shapes)).astype(np.float64)


def care_against_turf(turf: GeoDataFrame, stewarded: GeoDataFrame, care: GeoDataFrame) -> pd.DataFrame:
    """Return where the care of each party happened against its turf (as `find_turf` returns it), by code.

    `stewarded` has a row for each site that a party stewards (`party, site`), `care` one for each time that somebody
    gave care (`party, site, hours`, and the geometry of the site; one without is left out). Columns: `party, sites,
    untended` (sites that had no care of anybody), `hours` and `own_hours` (given to sites that it stewards or that lie
    over its turf; ground that only meets it at a border does not). A party without turf has no hours on it.
    """
    refuse_unmetric(care, "sites")
    if care.crs != turf.crs:
        raise InvalidInput("Care and sites are not in one CRS. Reproject both to the same metric CRS first.")
    known = care[~(care.geometry.isna() | care.geometry.is_empty)].reset_index(drop=True)
    given = known[["party", "site", "hours"]].groupby(["party", "site"], as_index=False).sum()
    place, over = _over(known.drop_duplicates("site"), turf)
    on_turf = pd.MultiIndex.from_arrays([turf["party"].to_numpy()[over], known["site"].drop_duplicates().iloc[place]])
    # A stretch of a river and the river itself may lie a hair apart once both are projected.
    on_turf = on_turf.append(pd.MultiIndex.from_frame(stewarded[["party", "site"]]))
    own = pd.MultiIndex.from_frame(given[["party", "site"]]).isin(on_turf)
    given = given.assign(own_hours=given["hours"].where(own, 0.0)).groupby("party")[["hours", "own_hours"]].sum()
    idle = stewarded.loc[~stewarded["site"].isin(known["site"]), "party"].value_counts()
    parties = np.union1d(turf["party"].to_numpy(dtype=np.int64), given.index.to_numpy(dtype=np.int64))
    return pd.DataFrame(
        {
            "party": parties,
            "sites": turf.set_index("party")["sites"].reindex(parties, fill_value=0).to_numpy(dtype=np.intp),
            "untended": idle.reindex(parties, fill_value=0).to_numpy(dtype=np.intp),
            **{name: given[name].reindex(parties, fill_value=0.0).to_numpy() for name in ("hours", "own_hours")},
        }
    )


def overlap_turf(turf: GeoDataFrame) -> pd.DataFrame:
    """Return every pair of parties whose turfs share ground: `one, other, area_m2, length_m, points`, most area first.

    `length_m` is what lines share with the lines and the ground of the other, on a grid of a millimetre; `points`
    counts the sites that are points on the turf of the other. A border alone is nothing shared. Stretches of one river
    are exact only by measures (`metres_by_steward`), not as geometry.
    """
    shapes = np.asarray(turf.geometry, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    line, ground = (_of_dimension(shapes, dimension) for dimension in (1, 2))
    crossed = [(line, line), (line, ground), (ground, line)]
    party = turf["party"].to_numpy()
    pairs = pd.DataFrame(
        {
            "one": party[one],
            "other": party[other],
            "area_m2": shapely.area(_laid_over(ground[one], ground[other])),
            "length_m": sum(shapely.length(_laid_over(a[one], b[other])) for a, b in crossed),
            "points": _shared_points(shapes, one, other),
        }
    )
    pairs = pairs[(pairs[["area_m2", "length_m", "points"]] > 0).any(axis=1)]
    order = ["area_m2", "length_m", "points", "one", "other"]
    return pairs.sort_values(order, ascending=[False, False, False, True, True], ignore_index=True)


def turf_density(turf: GeoDataFrame, places: GeoDataFrame) -> GeoDataFrame:
    """Return places (points, lines, districts, cells) with `turfs`: how many parties' turfs lie over them.

    Ground that only meets the border of a place does not lie over it; a line or a point on the border counts on both
    sides. Places with 0 are those where nobody works.
    """
    refuse_unmetric(places, "sites")
    place, _ = _over(places, turf)
    return places.assign(turfs=np.bincount(place, minlength=len(places)))


def _over(places: GeoDataFrame, turf: GeoDataFrame) -> tuple[Ints, Ints]:
    """Return every pair of a place and a turf that lies over it, by position."""
    shapes = np.asarray(places.geometry, dtype=object)
    parts, owner = _simple_parts(np.asarray(turf.geometry, dtype=object))
    place, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    grounds = (shapely.get_dimensions(parts[part]) == 2) & (shapely.get_dimensions(shapes[place]) > 0)
    over = ~(grounds & shapely.touches(shapes[place], parts[part]))
    pairs = np.unique(np.column_stack([place, owner[part]])[over], axis=0)
    return pairs[:, 0], pairs[:, 1]


def cells_over(bounds: tuple[float, float, float, float], cell_m: float, crs: object) -> GeoDataFrame:
    """Return square cells of so many metres over west, south, east, north: `column, row`, south-west first.

    They lie on one grid from the origin of the CRS, so that two surfaces can be compared.
    """
    west, south, east, north = bounds
    if not cell_m > 0 or (east - west) * (north - south) / cell_m**2 > CELLS_MOST:
        raise InvalidInput(
            "Cells of {cell_m} m are too many for this region, or of no size. Choose larger ones.", cell_m=cell_m
        )
    columns = np.arange(np.floor(west / cell_m), max(np.ceil(east / cell_m), np.floor(west / cell_m) + 1))
    rows = np.arange(np.floor(south / cell_m), max(np.ceil(north / cell_m), np.floor(south / cell_m) + 1))
    column, row = (grid.ravel() for grid in np.meshgrid(columns, rows))
    squares = shapely.box(column * cell_m, row * cell_m, (column + 1) * cell_m, (row + 1) * cell_m)
    return GeoDataFrame({"column": column.astype(int), "row": row.astype(int)}, geometry=squares, crs=crs)


def _laid_over(one: Objects, other: Objects) -> Objects:
    """Return what two shapes share, on a grid of a millimetre."""
    return np.asarray(shapely.intersection(one, other, grid_size=GRID_M), dtype=object)


def _shared_points(shapes: Objects, one: Ints, other: Ints) -> Ints:
    """Return how many places each pair shares that are a point of one of them; a point of both is one place."""
    parts, owner = _simple_parts(shapes)
    points = shapely.get_dimensions(parts) == 0
    parts, owner = parts[points], owner[points]
    point, shape = shapely.STRtree(shapes).query(parts, predicate="intersects")
    point, shape = point[owner[point] != shape], shape[owner[point] != shape]
    pair = np.sort(np.stack([owner[point], shape]), axis=0)
    places = np.unique(np.vstack([pair, shapely.get_coordinates(parts[point]).T]), axis=1)
    count = len(shapes)
    found, points_each = np.unique(places[0] * count + places[1], return_counts=True)
    wanted = one * count + other
    at = np.minimum(np.searchsorted(found, wanted), max(len(found) - 1, 0))
    return np.where(found[at] == wanted, points_each[at], 0) if len(found) else np.zeros(len(one), dtype=np.intp)


def _of_dimension(shapes: Objects, dimension: int) -> Objects:
    """Return the lines (1) or polygons (2) of each shape as one geometry, empty where there are none."""
    many = shapely.multilinestrings if dimension == 1 else shapely.multipolygons
    parts, owner = _simple_parts(shapes)
    chosen = shapely.get_dimensions(parts) == dimension
    found: Objects = np.full(len(shapes), shapely.GeometryCollection(), dtype=object)
    owners, number = np.unique(owner[chosen], return_inverse=True)
    if len(owners):
        found[owners] = many(parts[chosen], indices=number)
    return found


def _simple_parts(shapes: Objects) -> tuple[Objects, Ints]:
    """Return the single points, lines and polygons of shapes, and whose each is."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # A collection may hold multi-geometries.
    inner, number = shapely.get_parts(parts, return_index=True)
    return np.asarray(inner, dtype=object), owner[number]
