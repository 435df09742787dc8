"""Streets from OpenStreetMap: who may walk where, and a network that is cut where ways meet."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocommons.errors import UnreadableFile
from geocommons.files.reading.osm import is_walkable, read_walk_ways
from geocommons.files.reading.osm_pbf import packed, read_nodes, read_ways, zigzag


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def signed(values: Sequence[int], *, delta: bool = True) -> bytes:
    steps = np.diff([0, *values]).tolist() if delta else list(values)
    return b"".join(varint((step << 1) ^ (step >> 63)) for step in steps)


def write_pbf(
    path: Path, nodes: dict[int, tuple[float, float]], ways: dict[int, tuple[list[int], dict[str, str]]]
) -> Path:
    """Write a small OpenStreetMap PBF: dense nodes, then ways."""
    words = sorted({word for _, tags in ways.values() for pair in tags.items() for word in pair})
    strings = b"".join(field(1, word.encode()) for word in ["", *words])
    dense = field(1, signed(list(nodes)))
    dense += field(8, signed([round(lat * 1e7) for _, lat in nodes.values()]))
    dense += field(9, signed([round(lon * 1e7) for lon, _ in nodes.values()]))
    raw = b""
    for way, (refs, tags) in ways.items():
        keys = b"".join(varint(words.index(key) + 1) for key in tags)
        values = b"".join(varint(words.index(value) + 1) for value in tags.values())
        raw += field(3, field(1, way) + field(2, keys) + field(3, values) + field(8, signed(refs)))
    block = field(1, strings) + field(2, field(2, dense)) + field(2, raw)
    content = b""
    for kind, body in ((b"OSMHeader", b""), (b"OSMData", block)):
        blob = field(2, len(body)) + field(3, zlib.compress(body))
        header = field(1, kind) + field(3, len(blob))
        content += struct.pack(">I", len(header)) + header + blob
    path.write_bytes(content)
    return path


GRID = {10: (5.0, 52.0), 20: (5.001, 52.0), 30: (5.002, 52.0), 40: (5.001, 52.001), 50: (5.001, 51.999)}


def test_ways_are_cut_where_they_cross_and_nowhere_else(tmp_path: Path) -> None:
    ways = {
        7: ([10, 20, 30], {"highway": "residential", "name": "Kade"}),
        8: ([50, 20, 40], {"highway": "footway"}),
        9: ([40, 30], {"highway": "motorway"}),
    }
    frame = read_walk_ways(write_pbf(tmp_path / "a.osm.pbf", GRID, ways))
    assert frame[["from_node", "to_node", "class"]].values.tolist() == [
        [10, 20, "residential"],
        [20, 30, "residential"],
        [50, 20, "footway"],
        [20, 40, "footway"],
    ]
    assert frame["name"].fillna("").tolist() == ["Kade", "Kade", "", ""] and frame["way"].tolist() == [7, 7, 8, 8]
    assert frame.geometry.iloc[0].equals(shapely.LineString([(5.0, 52.0), (5.001, 52.0)]))
    assert frame.crs.to_epsg() == 4326


def test_a_way_that_leaves_the_extract_ends_there(tmp_path: Path) -> None:
    ways = {7: ([99, 10, 10, 20, 98, 30, 97], {"highway": "path"})}
    frame = read_walk_ways(write_pbf(tmp_path / "a.osm.pbf", GRID, ways))
    assert frame[["from_node", "to_node"]].values.tolist() == [[10, 20]]


def test_a_closed_way_stays_a_ring(tmp_path: Path) -> None:
    ways = {7: ([10, 20, 40, 10], {"highway": "path"})}
    frame = read_walk_ways(write_pbf(tmp_path / "a.osm.pbf", GRID, ways))
    assert frame.geometry.iloc[0].is_ring and len(frame) == 1


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "designated"}, True),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "footway", "access": "private"}, False),
        ({"highway": "footway", "access": "private", "foot": "yes"}, True),
        ({"highway": "path", "foot": "no"}, False),
        ({"highway": "proposed", "foot": "yes"}, False),
        ({"highway": "pedestrian", "area": "yes"}, False),
        ({"highway": "service", "service": "private"}, False),
        ({"waterway": "river"}, False),
    ],
)
def test_who_may_walk_where(tags: dict[str, str], walkable: bool) -> None:
    assert is_walkable(tags) is walkable


def test_a_file_without_streets_or_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no ways"):
        read_walk_ways(write_pbf(tmp_path / "a.osm.pbf", GRID, {7: ([10, 20], {"highway": "motorway"})}))
    (tmp_path / "b.osm.pbf").write_bytes(b"\0\0\0\x0dnot a map at all")
    with pytest.raises(UnreadableFile, match="not an OpenStreetMap PBF"):
        read_walk_ways(tmp_path / "b.osm.pbf")
    whole = write_pbf(tmp_path / "c.osm.pbf", GRID, {7: ([10, 20], {"highway": "path"})}).read_bytes()
    for cut in range(1, len(whole)):
        (tmp_path / "c.osm.pbf").write_bytes(whole[:cut])
        with pytest.raises(UnreadableFile):
            read_walk_ways(tmp_path / "c.osm.pbf")


@given(st.lists(st.integers(-(2**62), 2**62), max_size=50))
def test_packed_numbers_are_unpacked(values: list[int]) -> None:
    assert zigzag(packed(signed(values, delta=False))).tolist() == values


@pytest.mark.parametrize(
    ("name", "ways", "nodes", "joints"),
    [("poa_osm.pbf", 15886, 41109, 20771), ("liechtenstein.osm.pbf", 6984, 73083, 9809)],
)
def test_published_extracts_are_decoded_whole(realdata: Path, name: str, ways: int, nodes: int, joints: int) -> None:
    found = read_ways(realdata / "streets" / name, "highway")
    ids, times = np.unique(np.concatenate([way.nodes for way in found]), return_counts=True)
    ends = {int(node) for way in found for node in (way.nodes[0], way.nodes[-1])}
    assert (len(found), len(read_nodes(realdata / "streets" / name, ids).ids)) == (ways, nodes)
    assert len(ends | set(ids[times > 1].tolist())) == joints


def test_the_streets_of_porto_alegre_hang_together(realdata: Path) -> None:
    frame = read_walk_ways(realdata / "streets" / "poa_osm.pbf")
    graph = nx.Graph(zip(frame["from_node"], frame["to_node"], strict=True))
    assert len(max(nx.connected_components(graph), key=len)) > 0.95 * len(graph)
    starts = shapely.get_point(np.asarray(frame.geometry), 0)
    assert len(set(zip(frame["from_node"], shapely.to_wkb(starts), strict=True))) == frame["from_node"].nunique()
