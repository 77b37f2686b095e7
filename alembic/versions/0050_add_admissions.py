"""Users who came while the shop took only so many a day."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# What does not know the table lets everybody in.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "admissions",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_admissions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_admissions")),
    )
    op.create_index(
        "ix_admissions_waiting",
        "admissions",
        ["waiting_since", "user_id"],
        postgresql_where=sa.text("admitted_at IS NULL"),
    )
    op.create_index(
        "ix_admissions_admitted_at",
        "admissions",
        ["admitted_at"],
        postgresql_where=sa.text("admitted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("admissions")
