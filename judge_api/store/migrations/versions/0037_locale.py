"""The language of the pages that an account has chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("locale", sa.String(length=16)))


def downgrade() -> None:
    op.drop_column("accounts", "locale")
