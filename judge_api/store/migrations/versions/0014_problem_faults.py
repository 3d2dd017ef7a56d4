"""Faults of problems for their authors; contestants no longer read them in ``submissions.reason``."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "problem_faults",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slug"], ["problems.slug"], name=op.f("fk_problem_faults_slug"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_faults")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_problem_faults_slug"), "problem_faults", ["slug"])
    # The attempts keep the reasons, for operators.
    op.execute(
        "UPDATE submissions SET reason = 'the judge is at fault; an operator finds the reason by the"
        " submission''s id' WHERE stage = 'FAILED' AND reason IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("problem_faults")
