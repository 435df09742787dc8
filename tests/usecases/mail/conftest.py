"""An outbox before a real mail server, on SQLite and then on PostGIS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from geocommons.store.engine import Store
from tests.usecases.mail.outbox import Outbox, serving_outbox


@pytest.fixture
def outbox(store: Store, tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox, and a mail server that takes everything until it is told otherwise."""
    with serving_outbox(store, tmp_path) as ready:
        yield ready
