"""Many machines give the answer of one, whatever happens to them: a real scheduler with workers in processes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from geocommons.analysis.service.coverage import Walks, find_walks, site_places
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.errors import NotReady
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.service.many import walks_by_many
from tests.conftest import ROOT
from tests.make import ask
from tests.town import make_town

SIDE, STEP_M = 40, 100.0
HOMES = 3_000


def start(*words: str) -> subprocess.Popen[bytes]:
    """Start a program of Dask that finds the package of these tests."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


Worker = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Worker]]:
    """Start a scheduler and two workers; give its address and what starts one more worker."""
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    with ExitStack() as stack:

        def run(*words: str) -> subprocess.Popen[bytes]:
            process = start(*words)
            stack.callback(end, process)
            return process

        run("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        for _ in range(600):
            if file.exists() and file.read_text().strip():
                break
            sleep(0.1)
        address = json.loads(file.read_text())["address"]

        def worker() -> subprocess.Popen[bytes]:
            return run("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")

        worker(), worker()
        yield address, worker


class Town:
    """A grid of streets with a part across the water, people everywhere, and gardens in one half."""

    def __init__(self) -> None:
        chance = Random(4)
        xy = [
            (east * STEP_M + chance.gauss(0, 9), north * STEP_M + chance.gauss(0, 9))
            for east in range(SIDE)
            for north in range(SIDE)
        ]
        last, water = SIDE * SIDE, SIDE * (SIDE - 6)
        joined = [(i, j) for i in range(last) for j in (i + 1, i + SIDE) if j < last and (j % SIDE or j == i + SIDE)]
        kept = [(i, j) for i, j in joined if chance.random() < 0.85 and (i < water) == (j < water)]
        self.network: WalkNetwork = build_network([LineString([xy[i], xy[j]]) for i, j in kept])
        width = SIDE * STEP_M
        homes: list[Any] = [Point(chance.uniform(-300, width), chance.uniform(-300, width)) for _ in range(HOMES)]
        self.homes = np.array([*homes, None], dtype=object)
        gardens = [
            box(x, y, x + 40, y + 30)
            for x, y in ((chance.uniform(0, 1500), chance.uniform(0, width)) for _ in range(25))
        ]
        # One far from everybody, one with an own street far from everybody, and one that no street comes near.
        sites = [*gardens, Point(width + 9_000, 0), LineString([(500, -200), (520, width)])]
        self.places, self.site = np.array(sites, dtype=object), np.arange(len(sites))

    def by_one(self) -> Walks:
        return find_walks(self.network, self.homes, self.places, self.site)

    def by_many(self, address: str, progress: Any = lambda share, step="": None) -> Walks:
        return walks_by_many(
            address, self.network, self.homes, self.places, self.site, reach_m=400, people_a_tile=200, progress=progress
        )


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


def bits(walks: Walks) -> list[bytes]:
    return [part.tobytes() for part in (walks.walk_m, walks.nearest, walks.assessed, walks.unentered)]


def test_many_machines_find_the_walks_of_one_to_the_last_bit(machines: tuple[str, Worker], town: Town) -> None:
    one = town.by_one()
    # Some are near, some far beyond the reach that tiles begin with, some cut off by water, some near no street.
    assert one.walk_m[np.isfinite(one.walk_m)].max() > 2_000
    assert 0 < np.count_nonzero(np.isinf(one.walk_m) & one.assessed) < np.count_nonzero(one.walk_m < 400)
    assert (np.count_nonzero(~one.assessed) > 1, one.unentered.tolist()) == (True, [25])
    assert bits(town.by_many(machines[0])) == bits(one)


def test_a_worker_that_is_killed_changes_nothing(machines: tuple[str, Worker], town: Town) -> None:
    address, start_worker = machines
    victim = start_worker()
    wait_until(lambda: workers_of(address) == 3)
    killed: list[float] = []

    def kill(share: float, step: str = "") -> None:
        if not killed:
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            killed.append(share)

    found = town.by_many(address, kill)
    assert 0 < killed[0] < 0.3
    assert bits(found) == bits(town.by_one())
    assert workers_of(address) == 2


def workers_of(address: str) -> int:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return len(client.nthreads())


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        sleep(0.1)
    pytest.fail("It never came to that.")


def kept(settings: Settings, run: Run) -> tuple[bytes, dict[str, bytes]]:
    """Return the figures and the files of a run, and throw the files away, so that it is answered again."""
    files = {name: (settings.runs_dir / path).read_bytes() for name, path in run.outputs.items()}
    shutil.rmtree(settings.runs_dir / str(run.id))
    return json.dumps(run.result, sort_keys=True).encode(), files


def test_a_coverage_by_many_is_the_same_run_with_the_same_bytes(
    machines: tuple[str, Worker], store: Store, tmp_path: Path
) -> None:
    settings = make_town(store, tmp_path)
    by_many = settings.model_copy(update={"scheduler": machines[0]})
    first = ask(store, settings, "coverage", supply=["gardens"], metres=150.0)
    one = kept(settings, first)
    second = ask(store, by_many, "coverage", supply=["gardens"], metres=150.0)
    assert (second.id, second.fingerprint) != (first.id, "") and second.fingerprint == first.fingerprint
    assert kept(settings, second) == one


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("address", ["nobody", "nonsense"])
def test_a_scheduler_that_is_not_there_is_said_in_one_sentence(town: Town, address: str) -> None:
    address = f"tcp://127.0.0.1:{free_port()}" if address == "nobody" else address
    with pytest.raises(NotReady, match=f"No Dask scheduler answers at {address}. Start one there"):
        town.by_many(address)


def test_without_dask_the_extra_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotReady, match=r"pip install geocommons\[many\]"):
        town.by_many("tcp://127.0.0.1:8786")


def test_nobody_and_nothing_have_no_walks(machines: tuple[str, Worker], town: Town) -> None:
    none = np.empty(0, dtype=object)
    nowhere = np.array([None, None], dtype=object)
    for homes, places, network in (
        (nowhere, town.places, town.network),
        (town.homes[:5], none, town.network),
        (town.homes[:5], town.places, build_network([])),
    ):
        sites = np.arange(len(places))
        one = find_walks(network, homes, places, sites)
        assert bits(walks_by_many(machines[0], network, homes, places, sites, reach_m=400)) == bits(one)


def test_a_site_is_entered_by_whichever_of_its_gates_is_near(machines: tuple[str, Worker], town: Town) -> None:
    import geopandas as gpd

    gates = [shapely.MultiPoint([(200, 200), (3_000, 3_000)]), None]
    sites = gpd.GeoDataFrame({"gate": gates}, geometry=[box(0, 0, 3000, 3000), Point(1000, 9_000)], crs="EPSG:28992")
    places, site = site_places(sites, "gates")
    one = find_walks(town.network, town.homes, places, site)
    many = walks_by_many(machines[0], town.network, town.homes, places, site, reach_m=300, people_a_tile=200)
    assert (bits(many), one.unentered.tolist()) == (bits(one), [1])
