"""An account's unfinished submissions are counted without reading them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
OPEN, IN_FLIGHT = sa.text("open"), sa.text("open AND sent")


def upgrade() -> None:
    # This index is not made in 0011, because the new column of 0011 blocks readers until the commit. An
    # installation that ran an earlier 0011 has the index already.
    op.create_index(
        "ix_submissions_sent",
        "submissions",
        ["queued_at"],
        postgresql_where=IN_FLIGHT,
        sqlite_where=IN_FLIGHT,
        if_not_exists=True,
    )
    _index(["account_id", "finished_at", "kind", "open"])


def downgrade() -> None:
    _index(["account_id"])


def _index(columns: list[str]) -> None:
    """Make the new index before the old one is dropped. A drop blocks readers until the commit, and making an
    index takes long."""
    if op.get_bind().dialect.name == "sqlite":  # SQLite does not block readers, and cannot rename an index.
        op.drop_index("ix_submissions_open", "submissions")
        _create("ix_submissions_open", columns)
        return
    _create("ix_submissions_open_anew", columns)
    op.drop_index("ix_submissions_open", "submissions")
    op.execute("ALTER INDEX ix_submissions_open_anew RENAME TO ix_submissions_open")


def _create(name: str, columns: list[str]) -> None:
    op.create_index(name, "submissions", columns, postgresql_where=OPEN, sqlite_where=OPEN)
