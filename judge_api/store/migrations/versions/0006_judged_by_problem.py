"""Two small indexes: an account's judged submissions by problem, and the runtimes of accepted submissions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0002"


def upgrade() -> None:
    judged = sa.text("kind = 'submission' AND verdict IS NOT NULL")
    op.create_index(
        "ix_submissions_judged",
        "submissions",
        ["account_id", "problem", "verdict"],
        postgresql_where=judged,
        sqlite_where=judged,
    )
    accepted = sa.text("kind = 'submission' AND verdict = 'AC'")
    op.create_index(
        "ix_submissions_accepted",
        "submissions",
        ["problem", "language", "serial", "cpu_ms"],
        postgresql_where=accepted,
        sqlite_where=accepted,
    )


def downgrade() -> None:
    op.drop_index("ix_submissions_accepted", "submissions")
    op.drop_index("ix_submissions_judged", "submissions")
