"""What comparisons of panels with the shop have found, and when they are due."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# What does not know the tables compares nothing; a user whom it erases is forgotten there when the
# account is gone from the panel.
oldest_code = "0005"

KINDS = ("orphan", "missing", "wrong_expiry", "disabled", "foreign")


def upgrade() -> None:
    op.create_table(
        "panel_findings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("panel", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("account_key", sa.String(), nullable=False),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("subscription_id", sa.BigInteger(), nullable=True),
        sa.Column("panel_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_panel_findings_subscription_id_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_findings")),
    )
    op.create_index(
        "uq_panel_findings_open",
        "panel_findings",
        ["panel", "kind", "account_key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_panel_findings_closed",
        "panel_findings",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_panel_findings_user_id",
        "panel_findings",
        ["user_id"],
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_table(
        "panel_comparisons",
        sa.Column("panel", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accounts", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("panel", name=op.f("pk_panel_comparisons")),
    )


def downgrade() -> None:
    op.drop_table("panel_comparisons")
    op.drop_table("panel_findings")
