"""Run by Alembic for each command, on the connection that `migrate.py` hands in."""

from alembic import context

from server.migrations.known_tables import METADATA
from server.migrations.migrate import COMPARING

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # on SQLite as well: our engine begins its transactions itself
    **COMPARING,
)
with context.begin_transaction():
    context.run_migrations()
