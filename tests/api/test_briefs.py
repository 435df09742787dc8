"""What a map shows beside it of a run: a few figures of every kind of analysis."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import KINDS
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import ask, hold
from tests.town import copy_town

ASKED = {"siting": {"candidates": (), "points": "5.010,52.0"}, "crowding": {"measure": "area"}}


def fill(store: Store, town: Settings) -> None:
    """Ask a question of every kind in a town where a group looks after the garden."""
    hold(store, town.data_dir, "gardens,G0,Otters,group,responsibility,stewardship,,,2024-01-01,,A-1,,")
    for kind in KINDS:
        supply = {} if kind in ("rivers", "health", "turf", "ties") else {"supply": ("gardens",)}
        ask(store, town, kind, **(supply | ASKED.get(kind, {})))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_every_kind_of_analysis_has_a_few_figures_beside_the_map(
    databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    town = copy_town(databases, tmp_path_factory, tmp_path, "town_of_figures", fill)
    with TestClient(create_app(town)) as client:
        for kind in KINDS:
            answer = client.get(f"/analyses/{kind}?panel=1")
            assert answer.status_code == 200 and "data-sentence" in answer.text, kind
