"""The claim of the request that applies a rejudging of an event."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.add_column("event_rejudgings", sa.Column("claimed_by", sa.String(length=36), nullable=True))
    op.add_column("event_rejudgings", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("event_rejudgings", "claimed_until")
    op.drop_column("event_rejudgings", "claimed_by")
