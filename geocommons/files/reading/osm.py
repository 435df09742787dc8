"""Read the streets that a person may walk on from OpenStreetMap, as a noded network."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.crs import STORAGE_CRS
from geocommons.errors import UnreadableFile
from geocommons.files.reading.osm_pbf import Ints, Nodes, Way, read_nodes, read_ways
from geocommons.files.reading.table import checked_file

# OSMnx's "walk" filter, with what foot=* says standing above the kind of road.
NOT_WALKED = frozenset(
    {"bus_guideway", "corridor", "cycleway", "elevator", "escalator", "motor", "motorway"}
) | frozenset({"motorway_link", "platform", "raceway", "rest_area", "services"})
FAST_ROADS = frozenset({"trunk", "trunk_link"})
SIDEWALKS = frozenset({"both", "left", "right", "yes"})
FORBIDDEN_FOOT = frozenset({"no", "private", "use_sidepath"})
ALLOWED_FOOT = frozenset({"yes", "designated", "permissive", "destination"})
NEVER_BUILT = frozenset({"abandoned", "construction", "planned", "proposed", "razed", "no"})


def read_walk_ways(path: Path) -> GeoDataFrame:
    """Return the walkable ways of an OSM PBF file, one row for each piece between two shared nodes.

    Columns: geometry (LineString, EPSG:4326), from_node, to_node (OSM node ids), way (OSM way id), name,
    class (the highway tag). Nodes that the extract does not hold end a piece. Refusals: NotFound, UnreadableFile.
    """
    path = checked_file(Path(path))
    ways = [way for way in read_ways(path, "highway") if is_walkable(way.tags) and len(way.nodes) > 1]
    if not ways:
        raise UnreadableFile("{file} has no ways that a person may walk on.", file=path.name)
    wanted = np.unique(np.concatenate([way.nodes for way in ways]))
    return _network(ways, read_nodes(path, wanted))


def is_walkable(tags: dict[str, str]) -> bool:
    """Tell whether a person may walk along a way, by its tags."""
    kind, foot = tags.get("highway", ""), tags.get("foot")
    if not kind or kind in NEVER_BUILT or tags.get("area") == "yes" or foot in FORBIDDEN_FOOT:
        return False
    if foot in ALLOWED_FOOT:
        return True
    if kind in FAST_ROADS and tags.get("sidewalk") not in SIDEWALKS:
        return False
    closed = tags.get("access") in ("private", "no") or tags.get("service") == "private"
    return kind not in NOT_WALKED and not closed


def _network(ways: Sequence[Way], nodes: Nodes) -> GeoDataFrame:
    """Return one row per piece: ways cut where they end, meet or cross, and where the extract lacks a node."""
    runs = _runs(ways, nodes)
    distinct, place, times = np.unique(runs.node, return_inverse=True, return_counts=True)
    joint = times > 1
    joint[place[runs.ends]] = True
    cuts = np.flatnonzero(joint[place])
    same = runs.number[cuts[:-1]] == runs.number[cuts[1:]]
    start, stop = cuts[:-1][same], cuts[1:][same]
    sizes = stop - start + 1
    positions = np.repeat(stop + 1 - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
    lonlat = nodes.lonlat[np.searchsorted(nodes.ids, distinct)][place[positions]]
    tags = [ways[index].tags for index in runs.way[start]]
    return gpd.GeoDataFrame(
        {
            "from_node": runs.node[start],
            "to_node": runs.node[stop],
            "way": np.array([ways[index].id for index in runs.way[start]], dtype=np.int64),
            "name": np.array([tag.get("name") for tag in tags], dtype=object),
            "class": np.array([tag["highway"] for tag in tags], dtype=object),
        },
        geometry=np.asarray(shapely.linestrings(lonlat, indices=np.repeat(np.arange(len(start)), sizes))),
        crs=STORAGE_CRS,
    )


class _Runs(NamedTuple):
    """Nodes that follow each other on a way, all in the extract: way and run of each, and whether it ends the run."""

    node: Ints
    way: Ints
    number: Ints
    ends: NDArray[np.bool_]


def _runs(ways: Sequence[Way], nodes: Nodes) -> _Runs:
    node = np.concatenate([way.nodes for way in ways])
    way = np.repeat(np.arange(len(ways)), [len(way.nodes) for way in ways])
    repeated = np.concatenate([[False], (node[1:] == node[:-1]) & (way[1:] == way[:-1])])
    node, way = node[~repeated], way[~repeated]
    held = np.isin(node, nodes.ids)
    linked = (way[1:] == way[:-1]) & held[1:] & held[:-1]
    before, after = np.concatenate([[False], linked]), np.concatenate([linked, [False]])
    kept = before | after
    return _Runs(node[kept], way[kept], np.cumsum(~before)[kept], ~(before & after)[kept])
