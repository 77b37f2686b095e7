"""What cannot be renewed says until when it waits, so that no round looks at it before."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# What does not know the column tries everything in each round, as it always did.
oldest_code = "0005"

RENEWING = sa.text("auto_renew AND activation_status IN ('pending', 'active', 'needs_attention')")


def upgrade() -> None:
    op.add_column(
        "subscriptions",
        sa.Column("renewal_waits_until", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(
        "ix_subscriptions_renewal",
        "subscriptions",
        ["renewal_waits_until", "expires_at"],
        unique=False,
        postgresql_where=RENEWING,
    )
    op.drop_index("ix_subscriptions_to_renew", table_name="subscriptions")


def downgrade() -> None:
    op.create_index(
        "ix_subscriptions_to_renew",
        "subscriptions",
        ["expires_at", "id"],
        unique=False,
        postgresql_where=RENEWING,
    )
    op.drop_index("ix_subscriptions_renewal", table_name="subscriptions")
    op.drop_column("subscriptions", "renewal_waits_until")
