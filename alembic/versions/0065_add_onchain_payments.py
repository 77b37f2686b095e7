"""Payment by transfers to the operator's own addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

# What does not know the tables reads no chain for payments: a later version reads on from where the
# cursor stands, and misses nothing.
oldest_code = "0005"

_AT = sa.DateTime(timezone=True)
_TEXT = sa.String(length=32)
_ADDRESS = sa.String(length=42)
_HASH = sa.String(length=66)
_CHAIN = sa.String(length=16)
_FAMILIES = "family IN ('evm', 'tron')"
_STATES = (
    "'waiting', 'seen', 'mined', 'reorganised', 'expired', 'paid', 'credited', 'closed'"
)
_ASSIGNMENTS = "'matched', 'balance', 'claimed', 'unmatched', 'ignored'"


def upgrade() -> None:
    _create_invoices()
    _create_transfers()
    op.create_table(
        "onchain_cursors",
        sa.Column("chain", _CHAIN, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", _HASH, nullable=False),
        sa.Column("block_at", _AT, nullable=False),
        sa.Column("started_number", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", _AT, nullable=False),
        sa.Column("head_number", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", _AT, nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_onchain_cursors")),
    )
    op.create_table(
        "onchain_watched_addresses",
        sa.Column("family", _TEXT, nullable=False),
        sa.Column("address", _ADDRESS, nullable=False),
        sa.Column("since", _AT, nullable=False),
        sa.CheckConstraint(_FAMILIES, name=op.f("ck_onchain_watched_addresses_family")),
        sa.PrimaryKeyConstraint(
            "family", "address", name=op.f("pk_onchain_watched_addresses")
        ),
    )
    op.create_table(
        "onchain_claims",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("settled_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["onchain_transfers.id"],
            name=op.f("fk_onchain_claims_transfer_id_onchain_transfers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onchain_claims")),
    )
    op.create_index(
        "uq_onchain_claims_open",
        "onchain_claims",
        ["transfer_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index("ix_onchain_claims_user_id", "onchain_claims", ["user_id"])


def _create_invoices() -> None:
    op.create_table(
        "onchain_invoices",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("family", _TEXT, nullable=False),
        sa.Column("networks", sa.ARRAY(_TEXT), nullable=False),
        sa.Column("address", _ADDRESS, nullable=False),
        sa.Column("amount_micro", sa.BigInteger(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("expires_at", _AT, nullable=False),
        sa.Column("hold_until", _AT, nullable=False),
        sa.Column("released_at", _AT, nullable=True),
        sa.CheckConstraint(_FAMILIES, name=op.f("ck_onchain_invoices_family")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_onchain_invoices_state")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_onchain_invoices_purchase_id_purchases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onchain_invoices")),
        sa.UniqueConstraint(
            "purchase_id", "family", name=op.f("uq_onchain_invoices_purchase_id_family")
        ),
    )
    op.create_index(
        "uq_onchain_invoices_slot",
        "onchain_invoices",
        ["address", "amount_micro"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "ix_onchain_invoices_amount",
        "onchain_invoices",
        ["address", "amount_micro", "created_at"],
    )
    op.create_index(
        "ix_onchain_invoices_hold",
        "onchain_invoices",
        ["family", "hold_until"],
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "ix_onchain_invoices_open",
        "onchain_invoices",
        ["family", "expires_at"],
        postgresql_where=sa.text("state IN ('waiting', 'seen', 'mined', 'reorganised')"),
    )


def _create_transfers() -> None:
    op.create_table(
        "onchain_transfers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("chain", _CHAIN, nullable=False),
        sa.Column("tx_hash", _HASH, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", _HASH, nullable=False),
        sa.Column("block_at", _AT, nullable=False),
        sa.Column("token", _ADDRESS, nullable=False),
        sa.Column("sender", _ADDRESS, nullable=False),
        sa.Column("recipient", _ADDRESS, nullable=False),
        sa.Column("units", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("seen_at", _AT, nullable=False),
        sa.Column("assignment", _TEXT, nullable=True),
        sa.Column("assigned_at", _AT, nullable=True),
        sa.Column("assigned_by", sa.String(length=64), nullable=True),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("credited_minor", sa.BigInteger(), nullable=True),
        sa.Column("credited_currency", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "state IN ('mined', 'final', 'gone')", name=op.f("ck_onchain_transfers_state")
        ),
        sa.CheckConstraint(
            f"assignment IN ({_ASSIGNMENTS})", name=op.f("ck_onchain_transfers_assignment")
        ),
        sa.CheckConstraint(
            "assignment IS NULL OR state = 'final'", name=op.f("ck_onchain_transfers_final")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["onchain_invoices.id"],
            name=op.f("fk_onchain_transfers_invoice_id_onchain_invoices"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onchain_transfers")),
        sa.UniqueConstraint(
            "chain", "tx_hash", "ordinal", name=op.f("uq_onchain_transfers_chain_tx_hash_ordinal")
        ),
    )
    for name, columns, where in (
        ("due", ["id"], "state = 'final' AND assignment IS NULL"),
        ("mined", ["chain", "block_number"], "state = 'mined'"),
        ("unmatched", ["id"], "assignment = 'unmatched'"),
    ):
        op.create_index(
            f"ix_onchain_transfers_{name}",
            "onchain_transfers",
            columns,
            postgresql_where=sa.text(where),
        )
    for column in ("tx_hash", "invoice_id"):
        op.create_index(f"ix_onchain_transfers_{column}", "onchain_transfers", [column])


def downgrade() -> None:
    op.drop_table("onchain_claims")
    op.drop_table("onchain_watched_addresses")
    op.drop_table("onchain_cursors")
    op.drop_table("onchain_transfers")
    op.drop_table("onchain_invoices")
