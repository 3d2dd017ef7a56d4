"""Owners of problems. The account that first added a problem owns it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
_ID = sa.String(length=36)


def upgrade() -> None:
    op.create_table(
        "problem_members",
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["slug"], ["problems.slug"], name=op.f("fk_problem_members_slug"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_problem_members_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", "account_id", name=op.f("pk_problem_members")),
    )
    op.create_index(op.f("ix_problem_members_account_id"), "problem_members", ["account_id"])
    # The owner is the account that first added the problem, by the audit log. Without an entry it is the
    # account that added the present version.
    first = (
        "(SELECT accounts.id FROM audit JOIN accounts ON accounts.name = audit.account"
        " WHERE audit.act = 'problem.add' AND audit.subject = problems.slug ORDER BY audit.id LIMIT 1)"
    )
    op.execute(
        "INSERT INTO problem_members (slug, account_id, role, added_at)"
        f" SELECT slug, owner, 'owner', added_at FROM (SELECT slug, added_at, COALESCE({first}, added_by)"
        " AS owner FROM problems) AS found WHERE owner IN (SELECT id FROM accounts)"
    )


def downgrade() -> None:
    op.drop_table("problem_members")
