"""Time the import of a city's parcels, every check on, beside ogr2ogr's unchecked load, in one run on one machine.

    python -m scripts.bench_import [SCALE]

Scale 1 is 200,000 parcels; memory is measured at a tenth of it too.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import psycopg

from scripts.postgis import Cluster, private_cluster

Row = tuple[str, float, str]
ROUNDS = 3
LAYER = "clt-parcels"
GEOCOMMONS = str(Path(sys.executable).with_name("geocommons"))


class Cost(NamedTuple):
    """What a whole process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    with TemporaryDirectory() as name, private_cluster() as cluster:
        folder = Path(name)
        small, large = (_parcels(folder, round(200_000 * scale / part)) for part in (10, 1))
        ours, theirs = _in_turn(cluster, folder, large)
        lite, lite_small = _on_sqlite(folder, large), _on_sqlite(folder, small)
        pg_small = _on_postgis(cluster, folder, small, 99)
    return [
        ("import: into PostGIS, checked", ours.wall_s, "s"),
        *([("import: ogr2ogr into PostGIS, unchecked", theirs.wall_s, "s")] if theirs else []),
        *([("import: ours / ogr2ogr (at most 3)", ours.wall_s / theirs.wall_s, "x")] if theirs else []),
        ("import: into PostGIS, our processor time", ours.cpu_s, "s"),
        ("import: into SQLite (under 60)", lite.wall_s, "s"),
        ("import: peak memory, PostGIS (under 500)", ours.peak_mb, "MB"),
        ("import: peak memory, SQLite (under 500)", lite.peak_mb, "MB"),
        ("import: peak memory at a tenth of the rows, PostGIS", pg_small.peak_mb, "MB"),
        ("import: peak memory at a tenth of the rows, SQLite", lite_small.peak_mb, "MB"),
    ]


def _parcels(folder: Path, count: int) -> Path:
    """Make the file in a process of its own: a child's peak memory counts from its parent's."""
    file = folder / f"parcels{count}.gpkg"
    make = f"from scripts.bench_serving import make_parcels; make_parcels({count}).to_file({str(file)!r})"
    subprocess.run([sys.executable, "-c", make], cwd=Path(__file__).parents[1], check=True)
    return file


def _in_turn(cluster: Cluster, folder: Path, file: Path) -> tuple[Cost, Cost | None]:
    """Return the median cost of ours and of ogr2ogr's load, taken in turns so that a busy hour strikes both."""
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for number in range(ROUNDS):
        ours.append(_on_postgis(cluster, folder, file, number))
        if shutil.which("ogr2ogr"):
            theirs.append(_ogr2ogr(cluster, file, number))
    return _middle(ours), _middle(theirs) if theirs else None


def _middle(costs: list[Cost]) -> Cost:
    return Cost(*(median(figures) for figures in zip(*costs, strict=True)))


def _on_postgis(cluster: Cluster, folder: Path, file: Path, number: int) -> Cost:
    return _import(folder, file, cluster.create(f"ours_{file.stem}_{number}"))


def _on_sqlite(folder: Path, file: Path) -> Cost:
    return _import(folder, file, f"sqlite:///{folder / file.stem}.sqlite")


def _import(folder: Path, file: Path, url: str) -> Cost:
    environment = os.environ | {"GEOCOMMONS_DATABASE_URL": url, "GEOCOMMONS_DATA_DIR": str(folder)}
    subprocess.run([GEOCOMMONS, "init"], env=environment, check=True, capture_output=True)
    return _cost([GEOCOMMONS, "import", LAYER, str(file)], environment)


def _ogr2ogr(cluster: Cluster, file: Path, number: int) -> Cost:
    url = cluster.create(f"theirs_{number}").replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    command = ["ogr2ogr", "-q", "-f", "PostgreSQL", f"PG:{url}", str(file), "-nln", "parcels"]
    return _cost(command, os.environ | {"PG_USE_COPY": "YES"})


def _cost(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end and return what the operating system accounts for it."""
    start = perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {said.decode(errors='replace')[-500:]}")
    return Cost(perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
