"""The class of service of events."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("events", sa.Column("service_class", sa.String(length=16), nullable=True))
    op.add_column("events", sa.Column("service_tier", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("events", "service_tier")
    op.drop_column("events", "service_class")
