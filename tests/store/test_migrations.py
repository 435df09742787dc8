"""A register that the migrations made is the one that the program maps."""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import Inspector, inspect, text

import geocommons.model
from geocommons.model.base import Base
from geocommons.store.engine import Store
from geocommons.store.schema import migrate


def columns(inspector: Inspector) -> dict[str, set[str]]:
    for module in iter_modules(geocommons.model.__path__):
        import_module(f"geocommons.model.{module.name}")
    return {name: {column["name"] for column in inspector.get_columns(name)} for name in Base.metadata.tables}


def test_the_tables_have_the_columns_of_the_model_and_no_others(store: Store) -> None:
    found = columns(inspect(store.engine))
    if store.is_sqlite:
        found["site"].remove("created_by")  # it cannot be dropped there
    assert found == {name: set(table.c.keys()) for name, table in Base.metadata.tables.items()}


def test_a_register_of_the_version_before_is_brought_up(store: Store) -> None:
    before = columns(inspect(store.engine))
    with store.engine.execution_options(writing=True).begin() as connection:
        if not store.is_sqlite:
            connection.execute(text("ALTER TABLE site ADD COLUMN created_by INTEGER REFERENCES record (id)"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    assert migrate(store)
    assert columns(inspect(store.engine)) == before
