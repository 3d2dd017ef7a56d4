"""LeetCode's coding sessions of an account, and the small numbers of problems."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.create_table(
        "coding_sessions",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_coding_sessions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_coding_sessions")),
    )
    op.create_table(
        "coding_session_spans",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_serial", sa.BigInteger()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_coding_session_spans_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "first_serial", name=op.f("pk_coding_session_spans")),
    )
    op.create_table(
        "problem_numbers",
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slug"], ["problems.slug"], name=op.f("fk_problem_numbers_slug"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_problem_numbers")),
        sa.UniqueConstraint("number", name=op.f("uq_problem_numbers_number")),
    )


def downgrade() -> None:
    for table in ("problem_numbers", "coding_session_spans", "coding_sessions"):
        op.drop_table(table)
