"""The address of a subscription's page on the web."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# What does not know the column shows no page; what does gives one to the rows that lack it.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("page_token", sa.String(length=32), nullable=True))
    op.create_index("ix_subscriptions_page_token", "subscriptions", ["page_token"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_subscriptions_page_token", table_name="subscriptions")
    op.drop_column("subscriptions", "page_token")
