"""Learning platforms (LTI 1.3): their registrations, links to events, and the grades that are sent back."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "lti_platforms",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("auth_url", sa.String(length=2048), nullable=False),
        sa.Column("token_url", sa.String(length=2048), nullable=False),
        sa.Column("jwks_url", sa.String(length=2048), nullable=False),
        sa.Column("deployments", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_platforms")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_lti_platforms_issuer_client_id")),
    )
    op.create_table(
        "lti_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_keys")),
    )
    op.create_table(
        "lti_nonces",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_lti_nonces")),
    )
    op.create_index(op.f("ix_lti_nonces_expires_at"), "lti_nonces", ["expires_at"])
    op.create_table(
        "lti_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("platform_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("problem", sa.String(length=255)),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platforms.id"], name=op.f("fk_lti_links_platform_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_lti_links_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_links")),
    )
    for column in ("platform_id", "event_id"):
        op.create_index(op.f(f"ix_lti_links_{column}"), "lti_links", [column])
    op.create_table(
        "lti_placements",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("link_id", sa.String(length=36), nullable=False),
        sa.Column("deployment", sa.String(length=255), nullable=False),
        sa.Column("resource_link", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255)),
        sa.Column("lineitem_url", sa.String(length=2048)),
        sa.Column("memberships_url", sa.String(length=2048)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["lti_links.id"], name=op.f("fk_lti_placements_link_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_placements")),
        sa.UniqueConstraint(
            "link_id",
            "deployment",
            "resource_link",
            name=op.f("uq_lti_placements_link_id_deployment_resource_link"),
        ),
    )
    op.create_table(
        "lti_grades",
        sa.Column("placement_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["lti_placements.id"],
            name=op.f("fk_lti_grades_placement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_lti_grades_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("placement_id", "account_id", name=op.f("pk_lti_grades")),
    )
    op.create_index(op.f("ix_lti_grades_account_id"), "lti_grades", ["account_id"])
    op.create_index(op.f("ix_lti_grades_state_not_before"), "lti_grades", ["state", "not_before"])


def downgrade() -> None:
    for name in ("lti_grades", "lti_placements", "lti_links", "lti_nonces", "lti_keys", "lti_platforms"):
        op.drop_table(name)
