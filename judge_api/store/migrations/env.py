"""Runs Alembic on the connection of ``migrate``, inside its transaction."""

from __future__ import annotations

from alembic import context

from judge_api.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
