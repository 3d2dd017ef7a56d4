"""Whether the queue must know a submission: finding those that it lost need not look at what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"
IN_FLIGHT = sa.text("open AND sent")


def upgrade() -> None:
    op.add_column(
        "submissions", sa.Column("sent", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.execute(
        "UPDATE submissions SET sent = true WHERE open"
        " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.submission_id = submissions.id)"
    )
    op.create_index(
        "ix_submissions_sent",
        "submissions",
        ["queued_at"],
        postgresql_where=IN_FLIGHT,
        sqlite_where=IN_FLIGHT,
    )


def downgrade() -> None:
    op.drop_index("ix_submissions_sent", "submissions")
    op.drop_column("submissions", "sent")
