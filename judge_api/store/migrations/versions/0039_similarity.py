"""Reports of similar programs in an event."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
_ID = sa.String(length=36)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "event_similarity_reports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("programs", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_similarity_reports_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_similarity_reports")),
    )
    for column in ("event_id", "state"):
        op.create_index(op.f(f"ix_event_similarity_reports_{column}"), "event_similarity_reports", [column])
    op.create_table(
        "event_similar_pairs",
        sa.Column("report_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("left_id", _ID, nullable=False),
        sa.Column("right_id", _ID, nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("overlap", sa.Integer(), nullable=False),
        sa.Column("passages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["event_similarity_reports.id"],
            name=op.f("fk_event_similar_pairs_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_event_similar_pairs")),
    )


def downgrade() -> None:
    for table in ("event_similar_pairs", "event_similarity_reports"):
        op.drop_table(table)
