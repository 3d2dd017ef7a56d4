"""One-time links to set a password or to sign in; address of the last use, and scopes of API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
_ID = sa.String(length=36)


def upgrade() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_one_time_links_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_one_time_links")),
    )
    op.create_index(op.f("ix_one_time_links_account_id"), "one_time_links", ["account_id"])
    op.add_column("api_keys", sa.Column("address", sa.String(length=64), nullable=True))
    op.add_column("api_keys", sa.Column("scopes", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("api_keys", "scopes")
    op.drop_column("api_keys", "address")
    op.drop_table("one_time_links")
