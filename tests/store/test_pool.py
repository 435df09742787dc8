"""A connection that the database dropped while nobody used it is replaced before anybody notices."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from geocommons.store.pool import ping_after_rest
from scripts.postgis import Cluster

PID = text("SELECT pg_backend_pid()")


@pytest.mark.parametrize(("rested_s", "survives"), [(0.0, True), (3_600.0, False)])
def test_a_connection_that_rested_is_asked_whether_it_lives(postgis: Cluster, rested_s: float, survives: bool) -> None:
    url = postgis.create(f"pool_{survives}".lower())
    engine, other = create_engine(url), create_engine(url)
    ping_after_rest(engine, rested_s=rested_s)
    with engine.connect() as connection:
        dropped = connection.execute(PID).scalar_one()
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": dropped})
    try:
        with engine.connect() as connection:
            assert connection.execute(PID).scalar_one() != dropped
            assert survives
    except OperationalError:
        assert not survives
    engine.dispose()
    other.dispose()
    postgis.drop(f"pool_{survives}".lower())
