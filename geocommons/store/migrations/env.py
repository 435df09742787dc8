"""Run migrations on the connection that `geocommons.store.schema.migrate` hands over."""

from alembic import context

from geocommons.model import (  # noqa: F401 (fills the metadata)
    account,
    activity,
    audit,
    context_set,
    desk,
    mail,
    obligation,
    party,
    record,
    run,
    sign_in,
    site,
    tenure,
)
from geocommons.model.base import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
context.run_migrations()
