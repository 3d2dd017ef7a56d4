"""States of problems, facts of their versions, and verifications. Existing problems are published."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
_ID = sa.String(length=36)
_MOMENT = sa.DateTime(timezone=True)
_HASH = sa.String(length=64)


def upgrade() -> None:
    op.add_column(
        "problems",
        sa.Column("state", sa.String(length=16), nullable=False, server_default=sa.text("'published'")),
    )
    op.add_column("problem_versions", sa.Column("spec", sa.JSON(), nullable=True))
    op.add_column("problem_versions", sa.Column("judging_hash", _HASH, nullable=True))
    op.add_column("problem_versions", sa.Column("uuid", _HASH, nullable=True))
    op.add_column("problem_versions", sa.Column("added_by", _ID, nullable=True))
    op.add_column("problem_versions", sa.Column("verified_at", _MOMENT, nullable=True))
    op.create_table(
        "problem_verifications",
        sa.Column("id", _ID, nullable=False),
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column("version", _HASH, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("begun_by", _ID, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slug"], ["problems.slug"], name=op.f("fk_problem_verifications_slug"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_verifications")),
    )
    op.create_index(
        op.f("ix_problem_verifications_slug_version"), "problem_verifications", ["slug", "version"]
    )


def downgrade() -> None:
    op.drop_table("problem_verifications")
    for name in ("verified_at", "added_by", "uuid", "judging_hash", "spec"):
        op.drop_column("problem_versions", name)
    op.drop_column("problems", "state")
