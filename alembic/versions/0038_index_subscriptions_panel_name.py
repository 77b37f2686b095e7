"""Find subscriptions by the name of an account that was on the panel before them."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.create_index(
        "ix_subscriptions_panel_name",
        "subscriptions",
        ["panel_name"],
        postgresql_where=sa.text("panel_name IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_subscriptions_panel_name", table_name="subscriptions")
