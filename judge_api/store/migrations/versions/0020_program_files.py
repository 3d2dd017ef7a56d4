"""A submission may have several files; those of one file keep theirs in ``source`` alone."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("submissions", sa.Column("files", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("submissions", "files")
