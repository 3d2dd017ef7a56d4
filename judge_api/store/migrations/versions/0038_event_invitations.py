"""Invitations to an event by a link, and accounts made by them, which see only this event."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("event", sa.String(length=64)))
    op.create_table(
        "event_invitations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("email", sa.String(length=254)),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("account_id", sa.String(length=36)),
        sa.Column("member_id", sa.String(length=36)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("shows_report", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_invitations_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_invitations_hash")),
    )
    op.create_index(op.f("ix_event_invitations_event_id"), "event_invitations", ["event_id"])
    op.create_index(op.f("ix_event_invitations_account_id"), "event_invitations", ["account_id"])


def downgrade() -> None:
    op.drop_table("event_invitations")
    op.drop_column("accounts", "event")
