"""Load the sample city: its sites, tenures, care, duties and context, as a person would from the shell."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from geocommons.crs import BBox, grow
from geocommons.errors import NotReady
from geocommons.layer import all_layers
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.schema import migrate
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import CONTEXT_KINDS, ContextOptions
from geocommons.usecases.imports.intake import ImportOptions
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.sites import import_sites
from geocommons.usecases.imports.tables.care import import_care
from geocommons.usecases.imports.tables.duties import import_duties
from geocommons.usecases.imports.tables.records import import_records
from geocommons.usecases.imports.tables.tenures import import_tenures
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.runs.keep import answer

Step = tuple[str, Callable[[], object]]
HOME = Path(__file__).parents[1]
PLACES = (HOME / "sample", HOME.parent / "data" / "sample")
"""Where the sample city lies: inside an installed package, or in the repository."""
MARGIN_M = 2_000.0
GARDENS = {"supply": ["gardens"]}
ASKED: dict[str, dict[str, Any]] = {
    "coverage": GARDENS,
    "gaps": GARDENS | {"by_district": True},
    "change": GARDENS,
    "siting": GARDENS,
    "crowding": GARDENS | {"measure": "plots"},
    "equity": GARDENS,
    "rivers": {},
    "health": {},
    "turf": {},
    "ties": {},
}
"""What the sample city was asked, so that a newcomer finds answers."""


def sample_folder() -> Path:
    """Return the folder of the sample city, or refuse where it was left out."""
    for place in PLACES:
        if (place / "city.json").exists():
            return place
    raise NotReady("The sample city is not here. Make it with: python -m scripts.make_sample_city")


def read_city(folder: Path) -> dict[str, Any]:
    """Return what the sample says of itself: name, note, bbox, licence, attribution."""
    city: dict[str, Any] = orjson.loads((folder / "city.json").read_bytes())
    return city


def sample_area(folder: Path) -> BBox:
    """Return the area of interest of the sample city."""
    return grow(BBox(*read_city(folder)["bbox"]), MARGIN_M)


def sample_steps(store: Store, settings: Settings, folder: Path, now: datetime) -> Iterator[Step]:
    """Yield what is to be done to load the sample city: the name of each step, and the step.

    `now` is when it is loaded, or the last day of the city if that is later.
    """
    city = read_city(folder)
    # A clock that is behind would have care given on days to come.
    now = max(now, datetime.combine(date.fromisoformat(city["today"]), time(12), now.tzinfo))
    yield "register", lambda: migrate(store)
    for layer_id in _in_order_of_holding():
        file = folder / f"{layer_id}.fgb"
        if file.exists():
            yield layer_id, partial(_import_whole, store, settings, layer_id, file, now)
    yield "records", lambda: _whole(import_records(store, settings, folder / "records.csv", now=now))
    yield "tenures", lambda: _whole(import_tenures(store, settings, folder / "tenures.csv", now=now))
    yield "care", lambda: _whole(import_care(store, settings, folder / "care.csv", now=now))
    yield "duties", lambda: _whole(import_duties(store, settings, folder / "duties.csv", now=now))
    said = ContextOptions(licence=city["licence"], attribution=city["attribution"], source=city["name"])
    for kind in CONTEXT_KINDS:
        file = folder / f"{kind}.parquet"
        if file.exists():
            yield kind, partial(add_context, store, settings, kind, file, said, now=now)
    prepared = Prepared()
    for kind, asked in ASKED.items():
        yield kind, partial(_ask, store, settings, kind, asked, now, prepared)


def _ask(store: Store, settings: Settings, kind: str, asked: dict[str, Any], now: datetime, prepared: Prepared) -> None:
    question = read_question(get_question(kind), asked, today=now.date())
    answer(store, settings, question, now=now, prepared=prepared)


def _in_order_of_holding() -> list[str]:
    """Return the layers, those that hold others first."""
    layers = all_layers()
    return sorted(layers, key=lambda layer_id: (layers[layer_id].topology.inside is not None, layer_id))


def _import_whole(store: Store, settings: Settings, layer_id: str, file: Path, now: datetime) -> Report:
    return _whole(import_sites(store, settings, layer_id, file, ImportOptions(), now=now))


def _whole(report: Report) -> Report:
    """Refuse to go on with a sample city that is not whole."""
    if report.rejected:
        first = min(report.rows, key=lambda note: note.row)
        raise NotReady(
            "{file} of the sample city has rows that the register refuses, row {row} first: {reason}",
            file=report.file,
            row=first.row,
            reason=first.reason,
        )
    return report
