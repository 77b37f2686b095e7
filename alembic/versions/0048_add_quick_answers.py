"""Texts that operators answer with again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

# What does not know the table offers none.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "quick_answers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_answers")),
        sa.UniqueConstraint("name", name=op.f("uq_quick_answers_name")),
    )


def downgrade() -> None:
    op.drop_table("quick_answers")
