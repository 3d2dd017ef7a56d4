"""Problems that an account has marked as its favourites."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "favorites",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("problem", sa.String(length=255), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_favorites_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "problem", name=op.f("pk_favorites")),
    )


def downgrade() -> None:
    op.drop_table("favorites")
