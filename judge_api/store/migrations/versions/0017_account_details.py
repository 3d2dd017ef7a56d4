"""Full names, e-mail addresses, groups and deletion of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
_ID = sa.String(length=36)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("full_name", sa.String(length=128), nullable=True))
    op.add_column("accounts", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("accounts", sa.Column("email_verified_at", _MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("deletion_due", _MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("deleted_at", _MOMENT, nullable=True))
    op.create_index(op.f("ix_accounts_email"), "accounts", ["email"])
    op.create_index(op.f("ix_accounts_deletion_due"), "accounts", ["deletion_due"])
    op.create_table(
        "account_groups",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_groups_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", "account_id", name=op.f("pk_account_groups")),
    )
    op.create_index(op.f("ix_account_groups_account_id"), "account_groups", ["account_id"])


def downgrade() -> None:
    op.drop_table("account_groups")
    op.drop_index(op.f("ix_accounts_deletion_due"), "accounts")
    op.drop_index(op.f("ix_accounts_email"), "accounts")
    for name in ("deleted_at", "deletion_due", "email_verified_at", "email", "full_name"):
        op.drop_column("accounts", name)
