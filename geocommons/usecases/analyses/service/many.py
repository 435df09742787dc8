"""Walk on many machines: tile by tile on the workers of a Dask scheduler, with the answer of one machine to the bit."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geocommons.analysis.service.coverage import Walks, enter_sites
from geocommons.analysis.walk.entrances import SNAP_MAX_M
from geocommons.analysis.walk.network import Ints, Objects, WalkNetwork
from geocommons.analysis.walk.tiling import TileJob, tile_jobs
from geocommons.errors import NotReady
from geocommons.language import mark
from geocommons.usecases.analyses.service.tile import Tile, TileWalks, pack_tile, walk_tile
from geocommons.usecases.questions.question import Progress, no_progress

if TYPE_CHECKING:
    from distributed import Client

PEOPLE_A_TILE, FEWEST_A_TILE = 20_000, 500
"""Places of people in a tile: its halo of streets then weighs less than the tile, and a worker needs some 100 MB."""
TILES_A_THREAD = 4
"""Enough turns for each thread that all are busy to the end, however uneven a town is."""
AHEAD = 2
"""How many tiles wait for each thread: more would only fill the scheduler's memory."""
FARTHER = 4
"""Who finds no site within a reach is asked again with so many times that reach."""
LARGEST_TILE = "1 GB"
CONNECT_S, WORKERS_S = 5, 60
RETRIES = 3
NO_SCHEDULER = mark("No Dask scheduler answers at {address}. Start one there, or name another as tcp://host:8786.")
NO_WORKERS = mark("The Dask scheduler at {address} has no workers. Start one with: dask worker {address}")
DEADLY = mark("Worker after worker of {address} died of the same tile. Give workers more memory.")
GONE = mark("The Dask scheduler at {address} went away. Start it again and ask again.")
ELSEWHERE = mark(
    "The scheduler or a worker at {address} has no GeoCommons. Install this version of it wherever Dask runs."
)


def walks_by_many(
    address: str,
    network: WalkNetwork,
    points: Objects,
    places: Objects,
    site: Ints,
    *,
    reach_m: float,
    snap_max_m: float = SNAP_MAX_M,
    people_a_tile: int = PEOPLE_A_TILE,
    progress: Progress = no_progress,
) -> Walks:
    """Return what `find_walks` returns, to the last bit, found by the workers of a Dask scheduler (tcp://host:port).

    Each tile answers exactly for walks up to `reach_m`. Those who live farther, and on streets that lead to a site at
    all, are asked again within a wider halo, until everybody has an answer. A worker that is lost costs time only.
    Raises `NotReady` where Dask is not installed, or the scheduler or its workers are not there.
    """
    with _connected(address) as client:
        threads = sum(client.nthreads().values())
        joined = _Joined(network, places, len(points))
        waiting = np.ones(len(points), dtype=bool)
        while waiting.any():
            asked = points.copy()
            asked[~waiting] = None
            people = int(waiting.sum())
            tiles = max(1, people // people_a_tile, min(people // FEWEST_A_TILE, threads * TILES_A_THREAD))
            jobs = tile_jobs(asked, places, network.lines, reach_m=reach_m, tiles=tiles, snap_max_m=snap_max_m)
            pack = partial(
                pack_tile, network=network, points=points, places=places, site=site,
                reach_m=reach_m, snap_max_m=snap_max_m,
            )  # fmt: skip
            for done, (job, found) in enumerate(_answers(client, jobs, pack, threads * AHEAD), start=1):
                joined.take(job, found)
                progress(done / len(jobs) if waiting.all() else 1.0)
            joined.enter_rest(jobs, site, snap_max_m)
            waiting, reach_m = joined.unanswered(), reach_m * FARTHER
        return Walks(joined.walk_m, joined.nearest, joined.edge >= 0, np.setdiff1d(site, site[joined.entered_place]))


class _Joined:
    """The answers of tiles, each put where its people stand in the whole."""

    def __init__(self, network: WalkNetwork, places: Objects, count: int) -> None:
        self._network, self._places = network, places
        self.walk_m, self.nearest = np.full(count, np.inf), np.full(count, -1)
        self.edge = np.full(count, -1)
        self.entered_place = np.zeros(len(places), dtype=bool)
        self._seen_place = np.zeros(len(places), dtype=bool)
        self._entered_edge = np.zeros(len(network.start), dtype=bool)
        links = (np.ones(len(network.start)), (network.start, network.end))
        nodes = len(network.node_xy)
        self._part = connected_components(coo_array(links, (nodes, nodes)), directed=False)[1]

    def take(self, job: TileJob, found: TileWalks) -> None:
        """Put the answer of one tile in its place."""
        self.walk_m[job.demand], self.nearest[job.demand] = found.walk_m, found.nearest
        self.edge[job.demand] = np.append(job.street, -1)[found.edge]
        self._seen_place[job.site] = True
        self.entered_place[job.site[found.entered_places]] = True
        self._entered_edge[job.street[found.entered_edges]] = True

    def enter_rest(self, jobs: Sequence[TileJob], site: Ints, snap_max_m: float) -> None:
        """Find where the network enters the places that lie far from everybody, and so in no tile."""
        rest = np.flatnonzero(~self._seen_place)
        if len(rest):
            entries = enter_sites(self._network, self._places[rest], np.arange(len(rest)), snap_max_m)
            self.entered_place[rest[entries.site]] = True
            self._entered_edge[entries.edge] = True
        self._seen_place[:] = True

    def unanswered(self) -> NDArray[np.bool_]:
        """Return who has found no site yet, but lives where streets lead to one."""
        start = self._network.start
        leads = np.zeros(self._part.max(initial=-1) + 1, dtype=bool)
        leads[self._part[start[self._entered_edge]]] = True
        on = self.edge >= 0
        found = np.isinf(self.walk_m) & on
        found[on] &= leads[self._part[start[self.edge[on]]]]
        return np.asarray(found, dtype=np.bool_)


def _answers(
    client: "Client", jobs: Sequence[TileJob], pack: Callable[[TileJob], Tile], most: int
) -> Iterator[tuple[TileJob, TileWalks]]:
    """Yield each job with its answer as it comes in; at most so many are on their way at once."""
    from distributed import as_completed

    waiting, running = deque(jobs), dict[Any, TileJob]()
    coming = as_completed(loop=client.loop)

    def send() -> None:
        while waiting and len(running) < most:
            job = waiting.popleft()
            future = client.submit(walk_tile, pack(job), pure=False, retries=RETRIES)
            running[future] = job
            coming.add(future)

    send()
    for future in coming:
        found = future.result()
        job = running.pop(future)
        send()
        yield job, found


@contextmanager
def _connected(address: str) -> "Iterator[Client]":
    """Connect to a scheduler that has workers, and leave it whatever happens."""
    client = _connect(address)
    from dask.config import set as with_setting
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError

    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
        # Tiles are large because streets are, and travel one by one: no graph that a hint of Dask's makes smaller.
        with with_setting({"distributed.admin.large-graph-warning-threshold": LARGEST_TILE}):
            yield client
    except TimeoutError as error:
        raise NotReady(NO_WORKERS, address=address) from error
    except KilledWorker as error:
        raise NotReady(DEADLY, address=address) from error
    except (FutureCancelledError, CommClosedError) as error:
        raise NotReady(GONE, address=address) from error
    except (ImportError, RuntimeError) as error:
        # Dask unpacks what it is sent on the scheduler and on the worker, and either may lack this package.
        if isinstance(error, RuntimeError) and "deserialization" not in str(error):
            raise
        raise NotReady(ELSEWHERE, address=address) from error
    finally:
        client.close()


def _connect(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise NotReady(
            "Many machines need Dask on this one too. Install it with: pip install geocommons[many]"
        ) from error
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NotReady(NO_SCHEDULER, address=address) from error
