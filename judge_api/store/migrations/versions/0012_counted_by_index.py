"""An account's unfinished submissions are counted without reading them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
OPEN = sa.text("open")


def upgrade() -> None:
    _index(["account_id", "finished_at", "kind", "open"])


def downgrade() -> None:
    _index(["account_id"])


def _index(columns: list[str]) -> None:
    op.drop_index("ix_submissions_open", "submissions")
    op.create_index("ix_submissions_open", "submissions", columns, postgresql_where=OPEN, sqlite_where=OPEN)
