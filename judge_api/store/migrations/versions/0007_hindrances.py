"""The number of transient errors, and the package behind the verdict of a submission that is judged again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("submissions", sa.Column("hindered", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("submissions", sa.Column("former_hash", sa.String(64)))


def downgrade() -> None:
    op.drop_column("submissions", "former_hash")
    op.drop_column("submissions", "hindered")
