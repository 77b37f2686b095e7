"""Broadcasts' recipients can be exported: all of them, or those of one."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# What does not know the kind fails at the exports of it, and at no other.
oldest_code = "0005"

KINDS = "'users', 'payments', 'ledger', 'subscriptions', 'promo', 'audit'"


def upgrade() -> None:
    op.add_column("exports", sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
    allow(f"{KINDS}, 'recipients'")


def downgrade() -> None:
    op.execute("DELETE FROM exports WHERE kind = 'recipients'")
    allow(KINDS)
    op.drop_column("exports", "broadcast_id")


def allow(kinds: str) -> None:
    op.drop_constraint(op.f("ck_exports_kind"), "exports", type_="check")
    op.create_check_constraint(op.f("ck_exports_kind"), "exports", f"kind IN ({kinds})")
