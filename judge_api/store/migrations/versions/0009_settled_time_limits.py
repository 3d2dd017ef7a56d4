"""The time limit calibrated for a version of a problem: the first limit that a worker reports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("problem_versions", sa.Column("time_limit", sa.Float()))


def downgrade() -> None:
    op.drop_column("problem_versions", "time_limit")
