"""Comments to submissions by line."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
_ID = sa.String(length=36)


def upgrade() -> None:
    op.create_table(
        "submission_comments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("submission_id", _ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_submission_comments_submission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_comments")),
    )
    op.create_index(op.f("ix_submission_comments_submission_id"), "submission_comments", ["submission_id"])


def downgrade() -> None:
    op.drop_table("submission_comments")
