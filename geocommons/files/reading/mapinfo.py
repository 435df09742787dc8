"""The unit of a MapInfo file: GDAL takes a zone of the State Plane in metres for the same zone in feet."""

import json
import re
from pathlib import Path

import pyogrio
from pyproj import CRS

from geocommons.files.reading.archive import head_of

COORDSYS_UNIT = re.compile(rb'CoordSys\s+Earth\s+Projection\s+\d+\s*,\s*\d+\s*,\s*"?(\w+)', re.IGNORECASE)
METRES = (b"m", b"7")
"""How a MIF says that it counts in metres."""
GEOARROW_CRS = b"ARROW:extension:metadata"


def in_its_own_unit(path: Path, place_of: str, layer: str | None, stated: CRS | None) -> CRS | None:
    """Return the CRS that GDAL gives a MapInfo file, in metres if the file counts in them.

    GDAL looks a zone up by its name, whatever its unit is (OGRSpatialReference::AutoIdentifyEPSG).
    """
    if stated is None or not stated.is_projected or stated.axis_info[0].unit_name == "metre":
        return stated
    if not (_text_counts_metres(path, place_of) or _stream_counts_metres(place_of, layer)):
        return stated
    return _in_metres(stated)


def _in_metres(crs: CRS) -> CRS:
    """Return the same projection, counted in metres."""
    described = crs.to_json_dict()
    described.pop("id", None)
    described["name"] = crs.name.split(" (")[0]  # as the zones are called that count in metres
    for axis in described["coordinate_system"]["axis"]:
        axis["unit"] = "metre"
    for parameter in described["conversion"]["parameters"]:
        unit = parameter.get("unit")
        if isinstance(unit, dict) and unit["type"] == "LinearUnit":
            parameter |= {"value": round(parameter["value"] * unit["conversion_factor"], 3), "unit": "metre"}
    return CRS.from_json_dict(described)


def _text_counts_metres(path: Path, place_of: str) -> bool:
    found = COORDSYS_UNIT.search(head_of(path, place_of))
    return found is not None and found[1].lower() in METRES


def _stream_counts_metres(place_of: str, layer: str | None) -> bool:
    """Tell whether the CRS that comes with the rows counts in metres: of a TAB, it has the file's own unit."""
    with pyogrio.open_arrow(place_of, layer=layer, columns=[], use_pyarrow=True) as (_, reader):
        told = [field.metadata[GEOARROW_CRS] for field in reader.schema if GEOARROW_CRS in (field.metadata or {})]
    axes = [axis for text in told for axis in json.loads(text)["crs"]["coordinate_system"]["axis"]]
    return bool(axes) and all(axis.get("unit") == "metre" for axis in axes)
