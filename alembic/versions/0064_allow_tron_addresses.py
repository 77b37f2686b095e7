"""Bound addresses may be of TRON."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

# What knows no TRON can't show the list to those who bound such an address, and to nobody else.
oldest_code = "0005"

NAME = "ck_addresses_kind"


def upgrade() -> None:
    _allow("evm", "cellframe", "tron")


def downgrade() -> None:
    op.execute("DELETE FROM addresses WHERE kind = 'tron'")
    _allow("evm", "cellframe")


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f(NAME), "addresses", type_="check")
    op.create_check_constraint(op.f(NAME), "addresses", f"kind IN ({listed})")
