"""Rejudgings of events with a preview, and the balloons that were delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
_ID = sa.String(length=36)
_MOMENT = sa.DateTime(timezone=True)


def _event_id(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_event_id")
    return (
        sa.Column("event_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=name, ondelete="CASCADE"),
    )


def upgrade() -> None:
    op.create_table(
        "event_rejudgings",
        sa.Column("id", _ID, nullable=False),
        *_event_id("event_rejudgings"),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_rejudgings")),
    )
    op.create_index(op.f("ix_event_rejudgings_event_id"), "event_rejudgings", ["event_id"])
    op.create_table(
        "event_rejudged",
        sa.Column("rejudging_id", _ID, nullable=False),
        sa.Column("submission_id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["rejudging_id"],
            ["event_rejudgings.id"],
            name=op.f("fk_event_rejudged_rejudging_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rejudging_id", "submission_id", name=op.f("pk_event_rejudged")),
    )
    op.create_table(
        "event_balloons",
        *_event_id("event_balloons"),
        sa.Column("member_id", _ID, nullable=False),
        sa.Column("problem", sa.String(length=255), nullable=False),
        sa.Column("delivered_at", _MOMENT, nullable=False),
        sa.Column("delivered_by", _ID, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "member_id", "problem", name=op.f("pk_event_balloons")),
    )


def downgrade() -> None:
    for table in ("event_balloons", "event_rejudged", "event_rejudgings"):
        op.drop_table(table)
