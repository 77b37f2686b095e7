"""Transfers to the shop's own addresses can be exported."""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

# What knows no such export can't show who has asked for one, and nothing else.
oldest_code = "0005"

NAME = "ck_exports_kind"
KINDS = "'users', 'payments', 'ledger', 'subscriptions', 'promo', 'audit', 'recipients'"


def upgrade() -> None:
    _allow(f"{KINDS}, 'onchain', 'bulk'")


def downgrade() -> None:
    op.execute("DELETE FROM exports WHERE kind = 'onchain'")
    _allow(f"{KINDS}, 'bulk'")


def _allow(kinds: str) -> None:
    op.drop_constraint(op.f(NAME), "exports", type_="check")
    op.create_check_constraint(op.f(NAME), "exports", f"kind IN ({kinds})")
