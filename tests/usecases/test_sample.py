"""The register takes the sample city whole, on a machine whose clock is behind too."""

from datetime import UTC, date, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from geocommons.model.activity import Activity
from geocommons.model.obligation import Obligation
from geocommons.model.tenure import Tenure
from geocommons.settings import Settings
from geocommons.store.engine import open_store
from geocommons.usecases.contexts.plan import CONTEXT_KINDS
from geocommons.usecases.imports.report import Report
from geocommons.usecases.sample import read_city, sample_area, sample_folder, sample_steps

BEFORE_THE_CITY = datetime(2022, 5, 1, tzinfo=UTC)


def test_the_register_takes_every_row_of_care_and_duties_though_the_clock_is_behind(tmp_path: Path) -> None:
    folder = sample_folder()
    settings = Settings(data_dir=tmp_path, area=sample_area(folder))
    store = open_store(f"sqlite:///{tmp_path / 'sample.sqlite'}")
    taken: dict[str, Any] = {}
    steps = sample_steps(store, settings, folder, BEFORE_THE_CITY)
    for name, step in takewhile(lambda step: step[0] not in CONTEXT_KINDS, steps):
        taken[name] = step()
    for name, kept in (("tenures", Tenure), ("care", Activity), ("duties", Obligation)):
        report: Report = taken[name]
        lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        with store.reading() as session:
            count = session.scalar(select(func.count()).select_from(kept))
        assert report.accepted == count == len(lines) - 1, name
    with store.reading() as session:
        last = session.scalar(select(func.max(Activity.day)))
        asked = session.scalar(select(func.count(Tenure.requested_on)))
    store.close()
    assert last is not None
    assert last <= date.fromisoformat(read_city(folder)["today"])
    assert asked
