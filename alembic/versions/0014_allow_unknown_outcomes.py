"""A transaction may be in a block that does not say whether it succeeded."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# What takes one without an outcome for one in no block yet asks its chain, and calls it a success.
oldest_code = "0005"

NAME = "ck_transactions_inclusion"
INCLUDED = "(state IN ('mined', 'confirmed', 'safe', 'final')) = (block_hash IS NOT NULL)"


def upgrade() -> None:
    replace("(block_hash IS NOT NULL OR succeeded IS NULL)")


def downgrade() -> None:
    op.execute(
        "UPDATE transactions SET succeeded = true"
        " WHERE block_hash IS NOT NULL AND succeeded IS NULL"
    )
    replace("(block_hash IS NULL) = (succeeded IS NULL)")


def replace(outcome: str) -> None:
    op.drop_constraint(op.f(NAME), "transactions", type_="check")
    op.create_check_constraint(op.f(NAME), "transactions", f"{INCLUDED} AND {outcome}")
