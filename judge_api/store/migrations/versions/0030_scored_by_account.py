"""An index of scores, because a problem with less than full marks does not count as solved."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    scored = sa.text("kind = 'submission' AND verdict = 'AC' AND score IS NOT NULL")
    op.create_index(
        "ix_submissions_scored",
        "submissions",
        ["account_id", "problem", "score"],
        postgresql_where=scored,
        sqlite_where=scored,
    )


def downgrade() -> None:
    op.drop_index("ix_submissions_scored", "submissions")
