"""Events: their problems, members, submissions and messages; and the event of a submission."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
_ID = sa.String(length=36)
_MOMENT = sa.DateTime(timezone=True)


def _event_id(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_event_id")
    return (
        sa.Column("event_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=name, ondelete="CASCADE"),
    )


def upgrade() -> None:
    op.add_column("submissions", sa.Column("event_id", _ID, nullable=True))
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("thawed_at", _MOMENT, nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("freezes", sa.Boolean(), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("joining", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("setup_revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("slug", name=op.f("uq_events_slug")),
    )
    op.create_index(op.f("ix_events_ends_at"), "events", ["ends_at"])
    op.create_table(
        "event_problems",
        *_event_id("event_problems"),
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("colour", sa.String(length=32), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "slug", name=op.f("pk_event_problems")),
        sa.UniqueConstraint("event_id", "label", name=op.f("uq_event_problems_event_id_label")),
    )
    op.create_index(op.f("ix_event_problems_slug"), "event_problems", ["slug"])
    op.create_table(
        "event_members",
        sa.Column("id", _ID, nullable=False),
        *_event_id("event_members"),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("affiliation", sa.String(length=128), nullable=True),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("extension_seconds", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_members")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_event_members_event_id_name")),
    )
    op.create_table(
        "event_member_accounts",
        *_event_id("event_member_accounts"),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("member_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_event_member_accounts_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["event_members.id"],
            name=op.f("fk_event_member_accounts_member_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "account_id", name=op.f("pk_event_member_accounts")),
    )
    op.create_index(op.f("ix_event_member_accounts_account_id"), "event_member_accounts", ["account_id"])
    op.create_index(op.f("ix_event_member_accounts_member_id"), "event_member_accounts", ["member_id"])
    op.create_table(
        "event_submissions",
        sa.Column("submission_id", _ID, nullable=False),
        *_event_id("event_submissions"),
        sa.Column("member_id", _ID, nullable=False),
        sa.Column("problem", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=True),
        sa.Column("tokened", sa.Boolean(), nullable=False),
        sa.Column("disqualified", sa.String(length=500), nullable=True),
        sa.Column("judged_at", _MOMENT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_event_submissions")),
    )
    op.create_index(
        op.f("ix_event_submissions_event_id_revision"), "event_submissions", ["event_id", "revision"]
    )
    op.create_index(
        op.f("ix_event_submissions_member_id_problem"), "event_submissions", ["member_id", "problem"]
    )
    op.create_table(
        "event_messages",
        sa.Column("id", _ID, nullable=False),
        *_event_id("event_messages"),
        sa.Column("member_id", _ID, nullable=True),
        sa.Column("problem", sa.String(length=255), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("to_all", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("answered_by", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_messages")),
    )
    op.create_index(op.f("ix_event_messages_event_id"), "event_messages", ["event_id"])


def downgrade() -> None:
    for table in ("messages", "submissions", "member_accounts", "members", "problems"):
        op.drop_table(f"event_{table}")
    op.drop_table("events")
    op.drop_column("submissions", "event_id")
