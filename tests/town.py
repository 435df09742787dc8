"""A town of one street: what analyses need at least, with figures that anybody can count."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import shapely

from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.store.schema import migrate
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import ContextOptions
from geocommons.usecases.contexts.report import ContextReport
from tests.conftest import PostgisDatabases, SqliteDatabases, prepared_folder
from tests.make import NOW, STEP, load, square, write_layer

HOUSES = 21
"""Along the street, 68.7 m apart, ten people in each, two of them older; and one far from any street."""


def add(
    store: Store, settings: Settings, kind: str, rows: Sequence[Mapping[str, object]], **options: object
) -> ContextReport:
    """Write rows as a file and make it the register's context of a kind."""
    settings.data_dir.mkdir(exist_ok=True)
    file = write_layer(settings.data_dir / f"{kind}.gpkg", rows)
    return add_context(store, settings, kind, file, ContextOptions(**options), now=NOW)  # type: ignore[arg-type]


def street(first: int = 0, last: int = HOUSES - 1, **columns: object) -> dict[str, object]:
    """Return a street along the houses from the first to the last."""
    places = [(5.0 + house * STEP, 52.0) for house in range(first, last + 1)]
    return {"name": "Dorpsstraat", "class": "residential", **columns, "geometry": shapely.LineString(places)}


def house(number: int, *, north: float = 0.0, people: object = 10, older: object = 2) -> dict[str, object]:
    """Return people at a house."""
    return {"people": people, "group_older": older, "geometry": shapely.Point(5.0 + number * STEP, 52.0 + north)}


def make_town(store: Store, folder: Path) -> Settings:
    """Fill a register with a street, its people, two districts and a garden at house 0; return its settings."""
    settings = Settings(data_dir=folder / "var")
    add(store, settings, "streets", [street(number, number + 1) for number in range(HOUSES - 1)])
    add(store, settings, "population", [*map(house, range(HOUSES)), house(10, north=0.01)])
    half = 10.5 * STEP
    districts = [
        {"name": "West", "geometry": shapely.box(4.99, 51.99, 5.0 + half, 52.005)},
        {"name": "Oost", "geometry": shapely.box(5.0 + half, 51.99, 5.03, 52.005)},
    ]
    add(store, settings, "districts", districts)
    plant(store, folder, 0)
    return settings


def plant(store: Store, folder: Path, *columns: int, **options: object) -> None:
    """Import gardens that touch the street, each as wide as the way to the next house."""
    rows = [{"ref": f"G{column}", "name": f"Tuin {column}", "geometry": square(column)} for column in columns]
    load(store, write_layer(folder / "gardens.gpkg", rows), "gardens", **options)


def copy_town(
    databases: SqliteDatabases | PostgisDatabases,
    factory: pytest.TempPathFactory,
    folder: Path,
    name: str,
    fill: Callable[[Store, Settings], object],
) -> Settings:
    """Return the settings of a copy of a town that `fill` added to once for the whole run: database and data folder."""
    kept = prepared_folder(factory) / f"{name}-{databases.kind}"

    def prepare(url: str) -> None:
        kept.mkdir()
        store = open_store(url)
        migrate(store)
        fill(store, make_town(store, kept))
        store.close()

    url = databases.prepared(name, prepare)
    shutil.copytree(kept / "var", folder / "var")
    return Settings(database_url=url, data_dir=folder / "var")
