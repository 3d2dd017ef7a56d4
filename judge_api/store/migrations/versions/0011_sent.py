"""Whether a submission was sent to the queue, to find lost submissions without reading the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "submissions", sa.Column("sent", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.execute(
        "UPDATE submissions SET sent = true WHERE open"
        " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.submission_id = submissions.id)"
    )


def downgrade() -> None:
    op.drop_index("ix_submissions_sent", "submissions", if_exists=True)
    op.drop_column("submissions", "sent")
