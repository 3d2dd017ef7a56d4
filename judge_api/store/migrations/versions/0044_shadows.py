"""Events that follow another system's contest live (shadow mode)."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
_ID = sa.String(length=36)
_MOMENT = sa.DateTime(timezone=True)


def _of(table: str, parent: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_event_id")
    return sa.ForeignKeyConstraint(["event_id"], [f"{parent}.{column}"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "event_shadows",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=True),
        sa.Column("secret", sa.String(length=512), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("heard_at", _MOMENT, nullable=True),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        _of("event_shadows", "events", "id"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_shadows")),
    )
    op.create_index(op.f("ix_event_shadows_state"), "event_shadows", ["state"])
    op.create_table(
        "event_shadow_objects",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("parent", sa.String(length=255), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        _of("event_shadow_objects", "event_shadows", "event_id"),
        sa.PrimaryKeyConstraint("event_id", "kind", "id", name=op.f("pk_event_shadow_objects")),
    )
    op.create_index(
        op.f("ix_event_shadow_objects_event_id_parent"), "event_shadow_objects", ["event_id", "parent"]
    )
    op.create_table(
        "event_shadow_submissions",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("judgement_type", sa.String(length=64), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("submission_id", _ID, nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", _MOMENT, nullable=True),
        sa.Column("looked_at", _MOMENT, nullable=True),
        sa.Column("looked_by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        _of("event_shadow_submissions", "event_shadows", "event_id"),
        sa.PrimaryKeyConstraint("event_id", "id", name=op.f("pk_event_shadow_submissions")),
    )
    op.create_index(
        op.f("ix_event_shadow_submissions_submission_id"), "event_shadow_submissions", ["submission_id"]
    )


def downgrade() -> None:
    for table in ("event_shadow_submissions", "event_shadow_objects", "event_shadows"):
        op.drop_table(table)
