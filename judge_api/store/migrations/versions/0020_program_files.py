"""Submissions of several files. A single file is stored in ``source`` only."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("submissions", sa.Column("files", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("submissions", "files")
