"""Whether an account wants its notices by e-mail too."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("notice_mails", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("accounts", "notice_mails")
