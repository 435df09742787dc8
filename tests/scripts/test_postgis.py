"""The private PostGIS: usable, alone, and gone afterwards however its caller ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from scripts.postgis import Cluster

CALLER = """
import signal, time
# A program that was started in the background of a shell ignores this signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
from scripts.postgis import private_cluster
with private_cluster() as cluster:
    print(cluster.folder, flush=True)
    time.sleep(600)
"""


def test_a_clean_database_of_each_kind_has_no_table_and_takes_one(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE site (id integer)"))
        connection.execute(text("INSERT INTO site VALUES (1)"))
        assert connection.execute(text("SELECT count(*) FROM site")).scalar_one() == 1
    engine.dispose()


def test_a_prepared_database_is_copied_and_not_shared(databases) -> None:
    def prepare(url: str) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE prepared_once (id integer)"))
        engine.dispose()

    for _ in range(2):
        engine = create_engine(databases.prepared("house", prepare))
        with engine.begin() as connection:
            assert connection.execute(text("SELECT count(*) FROM prepared_once")).scalar_one() == 0
            connection.execute(text("INSERT INTO prepared_once VALUES (1)"))
        engine.dispose()


def test_the_private_cluster_does_not_run_as_root(postgis: Cluster) -> None:
    assert Path(postgis.folder, "data").stat().st_uid != 0


def test_the_private_cluster_has_postgis(postgis: Cluster) -> None:
    engine = create_engine(postgis.create("has_postgis"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT ST_AsText(ST_Point(4, 52))")).scalar_one() == "POINT(4 52)"
    engine.dispose()
    postgis.drop("has_postgis")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_the_cluster_when_its_caller_is_killed(postgis: Cluster, how: signal.Signals) -> None:
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert caller.stdout is not None
    folder = Path(caller.stdout.readline().strip())
    assert folder.name.startswith("geocommons-pg-")
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    caller.send_signal(how)
    caller.wait()
    caller.stdout.close()
    assert _gone(folder, server)


def _gone(folder: Path, server: int) -> bool:
    for _ in range(150):
        if not folder.exists() and not _alive(server):
            return True
        time.sleep(0.1)
    return False


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_private_cluster_sorts_words_and_not_bytes(postgis: Cluster) -> None:
    engine = create_engine(postgis.url("geocommons_empty"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 'apple' < 'Zoo'")).scalar_one()
    engine.dispose()
