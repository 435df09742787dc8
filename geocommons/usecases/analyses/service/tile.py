"""One tile of a walk: what a worker is sent, and what it does with it. Workers load this and little else."""

from dataclasses import dataclass
from io import BytesIO

import geopandas as gpd
import numpy as np
from geopandas import GeoDataFrame

from geocommons import __version__
from geocommons.analysis.service.coverage import enter_sites
from geocommons.analysis.walk.entrances import snap
from geocommons.analysis.walk.network import Floats, Ints, Objects, WalkNetwork, build_network
from geocommons.analysis.walk.tiling import TileJob
from geocommons.analysis.walk.walking import walk_to_nearest
from geocommons.errors import NotReady


@dataclass(frozen=True)
class Tile:
    """What a worker needs for one tile and nothing else: people, places and streets, each as GeoParquet.

    They travel inside the task: workers share no folder with this machine, and the scheduler gives the tile to another
    worker when one is lost. GeoParquet holds coordinates to the last bit and is read by any version of any library.
    """

    people: bytes
    places: bytes
    streets: bytes
    reach_m: float
    snap_max_m: float
    version: str = __version__


@dataclass(frozen=True, eq=False)
class TileWalks:
    """The walks of a tile's people, the edge that each is on, and which places are entered from which edges (rows)."""

    walk_m: Floats
    nearest: Ints
    edge: Ints
    entered_places: Ints
    entered_edges: Ints


def pack_tile(
    job: TileJob,
    network: WalkNetwork,
    points: Objects,
    places: Objects,
    site: Ints,
    *,
    reach_m: float,
    snap_max_m: float,
) -> Tile:
    """Return a job ready to travel; streets keep the ends that they have in the whole town."""
    ends = {"from_node": network.start[job.street], "to_node": network.end[job.street]}
    return Tile(
        _parquet(GeoDataFrame(geometry=points[job.demand])),
        _parquet(GeoDataFrame({"site": site[job.site]}, geometry=places[job.site])),
        _parquet(GeoDataFrame(ends, geometry=network.lines[job.street])),
        reach_m,
        snap_max_m,
    )


def walk_tile(tile: Tile) -> TileWalks:
    """Return the walks of one tile's people within its reach: what a worker does."""
    if tile.version != __version__:
        raise NotReady(
            "A worker runs GeoCommons {theirs}, this machine {ours}. Install the same version on both.",
            theirs=__version__, ours=tile.version,
        )  # fmt: skip
    people, places, streets = (gpd.read_parquet(BytesIO(part)) for part in (tile.people, tile.places, tile.streets))
    network = build_network(streets.geometry, from_node=streets["from_node"], to_node=streets["to_node"])
    snapped = snap(network, people.geometry, max_m=tile.snap_max_m)
    shapes = np.asarray(places.geometry, dtype=object)
    # Each place by its row: a site with several gates may have some in this tile and some in the next.
    entries = enter_sites(network, shapes, np.arange(len(shapes)), tile.snap_max_m)
    walk_m, row = walk_to_nearest(network, entries, snapped, limit_m=tile.reach_m)
    own = np.append(places["site"].to_numpy(dtype=np.intp), -1)
    return TileWalks(walk_m, own[row], snapped.edge, np.unique(entries.site), np.unique(entries.edge))


def _parquet(frame: GeoDataFrame) -> bytes:
    buffer = BytesIO()
    frame.to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()
