"""Logins and sessions of the operator's web."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

# What does not know the tables has no web.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "admin_web_logins",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_admin_web_logins")),
    )
    op.create_table(
        "admin_web_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_admin_web_sessions")),
    )
    for table in ("admin_web_logins", "admin_web_sessions"):
        for column in ("expires_at", "operator_id"):
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def downgrade() -> None:
    op.drop_table("admin_web_sessions")
    op.drop_table("admin_web_logins")
