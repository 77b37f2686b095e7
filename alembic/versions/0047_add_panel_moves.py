"""Subscriptions that move to another panel, one by one or all of a panel."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

# What does not know the columns leaves a move where it stands; a later version goes on with it.
oldest_code = "0005"

_RUNNING = "activation_status IN ('pending', 'active', 'needs_attention')"
_MOVING = "next_panel_id IS NOT NULL OR retired_panel_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "panel_moves",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("from_panel_id", sa.BigInteger(), nullable=False),
        sa.Column("to_panel_id", sa.BigInteger(), nullable=True),
        sa.Column("moved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_panel_id"], ["panels.id"], name=op.f("fk_panel_moves_from_panel_id_panels")
        ),
        sa.ForeignKeyConstraint(
            ["to_panel_id"], ["panels.id"], name=op.f("fk_panel_moves_to_panel_id_panels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_moves")),
    )
    op.create_index(
        "uq_panel_moves_running",
        "panel_moves",
        ["from_panel_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("subscriptions", sa.Column("next_panel_id", sa.BigInteger(), nullable=True))
    op.add_column("subscriptions", sa.Column("next_access_id", sa.Uuid(), nullable=True))
    op.add_column("subscriptions", sa.Column("retired_panel_id", sa.BigInteger(), nullable=True))
    op.add_column("subscriptions", sa.Column("retired_panel_name", sa.String(), nullable=True))
    op.add_column("subscriptions", sa.Column("move_failed_in", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_subscriptions_moving", "subscriptions", ["id"], postgresql_where=sa.text(_MOVING)
    )
    # A shop with one panel need not keep it up to date.
    op.drop_index("ix_subscriptions_on_panel", table_name="subscriptions")
    op.create_index(
        "ix_subscriptions_on_panel",
        "subscriptions",
        ["panel_id", "id"],
        postgresql_where=sa.text(f"panel_id IS NOT NULL AND {_RUNNING}"),
    )


def downgrade() -> None:
    op.drop_index("ix_subscriptions_on_panel", table_name="subscriptions")
    op.create_index(
        "ix_subscriptions_on_panel",
        "subscriptions",
        ["panel_id", "id"],
        postgresql_where=sa.text(_RUNNING),
    )
    op.drop_index("ix_subscriptions_moving", table_name="subscriptions")
    for column in (
        "move_failed_in",
        "retired_panel_name",
        "retired_panel_id",
        "next_access_id",
        "next_panel_id",
    ):
        op.drop_column("subscriptions", column)
    op.drop_table("panel_moves")
