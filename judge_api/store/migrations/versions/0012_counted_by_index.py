"""An account's unfinished submissions are counted without reading them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
OPEN, IN_FLIGHT = sa.text("open"), sa.text("open AND sent")


def upgrade() -> None:
    # Here and not in 0011, whose new column blocks readers until it is committed. An installation that ran
    # an earlier 0011 has it.
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
    """The new one first: to drop one shuts readers out until the commit, and making one takes its time."""
    if op.get_bind().dialect.name == "sqlite":  # has readers beside a writer, and no name for an index anew
        op.drop_index("ix_submissions_open", "submissions")
        _create("ix_submissions_open", columns)
        return
    _create("ix_submissions_open_anew", columns)
    op.drop_index("ix_submissions_open", "submissions")
    op.execute("ALTER INDEX ix_submissions_open_anew RENAME TO ix_submissions_open")


def _create(name: str, columns: list[str]) -> None:
    op.create_index(name, "submissions", columns, postgresql_where=OPEN, sqlite_where=OPEN)
