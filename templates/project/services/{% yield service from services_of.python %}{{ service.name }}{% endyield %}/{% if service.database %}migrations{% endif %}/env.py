"""How Alembic runs migrations: over the connection of `app.migrate`, or its own for `alembic revision`."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine

from app.database import ENGINE, DatabaseSettings
from app.models import Base


def run(connection: Connection) -> None:
    """Run what Alembic was asked to, each migration in its own transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    engine = create_engine(ENGINE, poolclass=NullPool, connect_args=DatabaseSettings().connection)
    with engine.connect() as own_connection:
        run(own_connection)
