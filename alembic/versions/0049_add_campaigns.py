"""Campaign links, and who has opened them."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

# What does not know the tables counts no visits; a broadcast to a campaign's users waits for code
# that knows the segment.
oldest_code = "0005"

_KINDS = "'all', 'active', 'trial', 'ended', 'never_bought', 'plan', 'source', 'promo_code'"


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("code = lower(code)", name=op.f("ck_campaigns_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
    )
    op.create_table(
        "campaign_visits",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("is_brought", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_visits_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_campaign_visits_user_id_users")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "user_id", name=op.f("pk_campaign_visits")),
    )
    op.create_index("ix_campaign_visits_user_id", "campaign_visits", ["user_id"])
    op.create_index(
        "uq_campaign_visits_brought",
        "campaign_visits",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("is_brought"),
    )
    _allow_segments(f"{_KINDS}, 'campaign'")


def downgrade() -> None:
    # Never to all users what was meant for a few.
    op.execute(
        "UPDATE broadcasts SET state = 'cancelled', ended_at = now(), wakes_at = NULL"
        " WHERE segment_kind = 'campaign' AND state IN ('draft', 'scheduled')"
    )
    op.execute("UPDATE broadcasts SET segment_kind = 'all' WHERE segment_kind = 'campaign'")
    _allow_segments(_KINDS)
    op.drop_table("campaign_visits")
    op.drop_table("campaigns")


def _allow_segments(kinds: str) -> None:
    name = op.f("ck_broadcasts_segment_kind")
    op.drop_constraint(name, "broadcasts", type_="check")
    op.create_check_constraint(name, "broadcasts", f"segment_kind IN ({kinds})")
