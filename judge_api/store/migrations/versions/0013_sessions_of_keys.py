"""The key that a session was made from, so that the session ends with the key."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("made_from", sa.String(length=36)))
    op.create_index(op.f("ix_api_keys_made_from"), "api_keys", ["made_from"])


def downgrade() -> None:
    op.drop_index(op.f("ix_api_keys_made_from"), "api_keys")
    op.drop_column("api_keys", "made_from")
