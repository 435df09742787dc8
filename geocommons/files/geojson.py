"""GeoJSON as text (RFC 7946), joined from stored parts instead of built feature by feature."""

from collections.abc import Mapping, Sequence

import orjson
from geopandas import GeoDataFrame

from geocommons.crs import to_storage
from geocommons.errors import UnknownCRS
from geocommons.files.columns import plain_columns
from geocommons.model.geometry_text import geometry_texts

MEDIA_TYPE = "application/geo+json"


def with_member(feature: str, name: str, value: object) -> str:
    """Return a Feature with one more member of its own, such as its links."""
    return f'{feature[:-1]},"{name}":{orjson.dumps(value).decode()}}}'


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
