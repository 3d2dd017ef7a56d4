"""The end of an event with its late time, and the first address that an account used in the event."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("events", sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event_member_accounts", sa.Column("address", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("event_member_accounts", "address")
    op.drop_column("events", "closes_at")
