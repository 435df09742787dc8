"""GeoJSON as text (RFC 7946), joined from stored parts instead of built feature by feature."""

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.crs import Geometries, to_storage
from geocommons.errors import UnknownCRS
from geocommons.files.columns import plain_columns

DECIMALS = 7
"""Of a degree: 1.1 cm on the ground (RFC 7946, 11.2 says that six will do)."""
MEDIA_TYPE = "application/geo+json"


def feature_text(fragment: str, state: str) -> str:
    """Return a stored Feature with the members of a stored state added to its properties.

    `fragment` is a Feature whose last member is `properties`, so that it ends in "}}"; `state` is an object ("{}" adds
    nothing). Neither is parsed; no member may stand in both.
    """
    added = state.strip()[1:-1].strip()
    if not added:
        return fragment
    opened = fragment[:-2].rstrip()
    comma = "" if opened.endswith("{") else ","
    return f"{opened}{comma}{added}}}}}"


def collection_bytes(
    features: Sequence[str],
    *,
    number_matched: int | None = None,
    links: Sequence[Mapping[str, object]] = (),
    time_stamp: str | None = None,
) -> bytes:
    """Return a FeatureCollection of features that are JSON text already (OGC 17-069r4, 7.16.4).

    `time_stamp` is RFC 3339 text. Members that are None, and links if there are none, are left out.
    """
    head: dict[str, object] = {"type": "FeatureCollection"}
    if number_matched is not None:
        head["numberMatched"] = number_matched
    head["numberReturned"] = len(features)
    if time_stamp is not None:
        head["timeStamp"] = time_stamp
    if links:
        head["links"] = list(links)
    return b"".join([orjson.dumps(head)[:-1], b',"features":[', ",".join(features).encode(), b"]}"])


def geometry_texts(geometries: Geometries) -> list[str]:
    """Return geometries in EPSG:4326 as GeoJSON text with 7 decimals, exteriors counter-clockwise; "null" for None.

    A polygon that was valid stays so: where rounding alone would break it, its vertices are snapped until it is
    whole, and if it is too thin for that, it keeps all its decimals.
    """
    rounded = shapely.orient_polygons(round_coordinates(geometries))
    return ["null" if text is None else text for text in shapely.to_geojson(rounded).tolist()]


def round_coordinates(geometries: Geometries) -> Geometries:
    """Return geometries in degrees, without Z and M, with coordinates of 7 decimals; valid if they were."""
    flat = shapely.force_2d(geometries)
    rounded = _rounded(flat)
    broken = ~shapely.is_valid(rounded) & shapely.is_valid(flat)
    if broken.any():
        rounded[broken] = _snapped(flat[broken])
    return rounded


def frame_to_collection(frame: GeoDataFrame) -> bytes:
    """Return a frame as a FeatureCollection in EPSG:4326; a column `id` becomes the id of the features.

    Refuses a frame that does not say its CRS.
    """
    if frame.crs is None:
        raise UnknownCRS("The frame does not say which CRS it is in.")
    columns = plain_columns(frame)
    ids = columns.pop("id", None)
    geometries = geometry_texts(to_storage(frame.geometry.to_numpy(), frame.crs))
    features = []
    for row, geometry in enumerate(geometries):
        head = '{"type":"Feature",' if ids is None else f'{{"type":"Feature","id":{orjson.dumps(ids[row]).decode()},'
        properties = orjson.dumps({name: column[row] for name, column in columns.items()}).decode()
        features.append(f'{head}"geometry":{geometry},"properties":{properties}}}')
    return collection_bytes(features)


def _rounded(geometries: Geometries) -> Geometries:
    return shapely.transform(geometries, lambda points: np.round(points, DECIMALS))


def _snapped(geometries: Geometries) -> Geometries:
    """Return valid polygons that rounding breaks, with 7 decimals and valid; as they are where that would lose them."""
    snapped = _rounded(shapely.set_precision(geometries, 10.0**-DECIMALS))
    good: NDArray[np.bool_] = shapely.is_valid(snapped) & ~shapely.is_empty(snapped)
    good &= shapely.get_dimensions(snapped) == shapely.get_dimensions(geometries)
    return np.where(good, snapped, geometries)
