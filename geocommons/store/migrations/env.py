"""Run migrations on the connection that `geocommons.store.engine.migrate` hands over."""

from alembic import context

from geocommons.model import context_set, party, record, run, site, tenure  # noqa: F401 (fills the metadata)
from geocommons.model.base import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
context.run_migrations()
