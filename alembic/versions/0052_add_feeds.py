"""Which groups are notified of sales, trials and sign-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# What does not know the table notifies no group.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column(
            "kind",
            sa.Enum(
                "sales", "trials", "signups", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("reported_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_feeds")),
    )
    op.create_index("ix_feeds_chat_id", "feeds", ["chat_id"], unique=False)


def downgrade() -> None:
    op.drop_table("feeds")
