"""Pauses of events."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("events", sa.Column("pauses", sa.JSON(), nullable=True))
    op.add_column("events", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("events", "paused_at")
    op.drop_column("events", "pauses")
