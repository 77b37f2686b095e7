"""How far a comparison of a panel with the shop is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

# What does not know the table begins its comparisons anew. A user whom it erases may be named there
# until the comparison has ended, or begins anew.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "panel_comparison_steps",
        sa.Column("panel", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("panel", "number", name=op.f("pk_panel_comparison_steps")),
    )


def downgrade() -> None:
    op.drop_table("panel_comparison_steps")
