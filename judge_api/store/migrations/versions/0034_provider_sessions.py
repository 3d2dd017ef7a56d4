"""The provider's own session of a single sign-on, which the provider may end."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("provider_session", sa.String(length=255), nullable=True))
    op.create_index(op.f("ix_api_keys_provider_session"), "api_keys", ["provider_session"])
    op.add_column("one_time_links", sa.Column("provider", sa.String(length=32), nullable=True))
    op.add_column("one_time_links", sa.Column("provider_session", sa.String(length=255), nullable=True))


def downgrade() -> None:
    op.drop_column("one_time_links", "provider_session")
    op.drop_column("one_time_links", "provider")
    op.drop_index(op.f("ix_api_keys_provider_session"), table_name="api_keys")
    op.drop_column("api_keys", "provider_session")
