"""The subscriptions of a plan move to the panels that it names."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

# What knows no plan's move fails in the round that finds one, and moves nothing of it.
oldest_code = "0005"


def upgrade() -> None:
    op.alter_column("panel_moves", "from_panel_id", nullable=True)
    op.add_column("panel_moves", sa.Column("plan_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "uq_panel_moves_running_plan",
        "panel_moves",
        ["plan_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("DELETE FROM panel_moves WHERE from_panel_id IS NULL")
    op.drop_index("uq_panel_moves_running_plan", "panel_moves")
    op.drop_column("panel_moves", "plan_id")
    op.alter_column("panel_moves", "from_panel_id", nullable=False)
