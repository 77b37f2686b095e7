"""Count what runs on one plan, and list promo codes, without reading all others."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.create_index(
        "ix_subscriptions_plan_id",
        "subscriptions",
        ["plan_id"],
        postgresql_where=sa.text("activation_status IN ('pending', 'active', 'needs_attention')"),
    )
    op.create_index(
        "ix_promo_codes_for_all",
        "promo_codes",
        ["id"],
        postgresql_where=sa.text("user_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_promo_codes_for_all", table_name="promo_codes")
    op.drop_index("ix_subscriptions_plan_id", table_name="subscriptions")
