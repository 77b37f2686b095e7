"""Add transactions, who watches them, and how far the chains have been followed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chain_blocks()
    create_chain_states()
    create_group_chats()
    create_transactions()
    create_addresses()
    create_watches()
    create_bridges()
    create_indexes_of_what_is_over()


def create_chain_blocks() -> None:
    op.create_table(
        "chain_blocks",
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_chain_blocks")),
    )


def create_chain_states() -> None:
    op.create_table(
        "chain_states",
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("head_number", sa.BigInteger(), nullable=True),
        sa.Column("head_hash", sa.String(length=66), nullable=True),
        sa.Column("head_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("safe_number", sa.BigInteger(), nullable=True),
        sa.Column("final_number", sa.BigInteger(), nullable=True),
        sa.Column("logs_number", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_chain_states")),
    )


def create_group_chats() -> None:
    op.create_table(
        "group_chats",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('ru', 'en')", name=op.f("ck_group_chats_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_chats")),
    )


def create_transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "unknown",
                "pending",
                "mined",
                "confirmed",
                "safe",
                "final",
                "reorged",
                "replaced",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=True),
        sa.Column("confirmations", sa.BigInteger(), nullable=True),
        sa.Column("gas_used", sa.BigInteger(), nullable=True),
        sa.Column("fee", sa.Numeric(precision=78, scale=0), nullable=True),
        sa.Column("reason", sa.String(length=256), nullable=True),
        sa.Column("sender", sa.String(length=128), nullable=True),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column("recipient", sa.String(length=128), nullable=True),
        sa.Column("value", sa.Numeric(precision=78, scale=0), nullable=True),
        sa.Column("gas_limit", sa.BigInteger(), nullable=True),
        sa.Column("max_fee_per_gas", sa.Numeric(precision=78, scale=0), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=True),
        sa.Column("replaced_by", sa.String(length=66), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('mined', 'confirmed', 'safe', 'final')) = (block_hash IS NOT NULL)"
            " AND (block_hash IS NULL) = (succeeded IS NULL)",
            name=op.f("ck_transactions_inclusion"),
        ),
        sa.PrimaryKeyConstraint("chain", "tx_hash", name=op.f("pk_transactions")),
    )
    op.create_index(
        "ix_transactions_ended",
        "transactions",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_transactions_open",
        "transactions",
        ["chain"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_transactions_to_check",
        "transactions",
        ["chain", "check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_transactions_to_finish",
        "transactions",
        ["chain", "state", "block_number"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL AND block_number IS NOT NULL"),
    )
    op.create_index("ix_transactions_tx_hash", "transactions", ["tx_hash"], unique=False)


def create_addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "evm",
                "cellframe",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=128), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("tell_incoming", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_addresses_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("user_id", "address", name=op.f("uq_addresses_user_id_address")),
    )
    op.create_index(
        "ix_addresses_told",
        "addresses",
        ["address"],
        unique=False,
        postgresql_where=sa.text("tell_incoming"),
    )


def create_watches() -> None:
    op.create_table(
        "watches",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(length=16), nullable=True),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column(
            "mode",
            sa.Enum(
                "every", "final", name="mode", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awaited_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card_message_id", sa.BigInteger(), nullable=True),
        sa.Column("card_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card_lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card_lost", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_watches_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index(
        "ix_watches_awaited",
        "watches",
        ["awaited_until"],
        unique=False,
        postgresql_where=sa.text("awaited_until IS NOT NULL AND ended_at IS NULL"),
    )
    op.create_index(
        "ix_watches_card_due",
        "watches",
        ["card_due_at"],
        unique=False,
        postgresql_where=sa.text("card_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_watches_ended",
        "watches",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_watches_open",
        "watches",
        ["chain", "tx_hash"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_watches_tx_hash", "watches", ["tx_hash"], unique=False)
    op.create_index("ix_watches_user_id", "watches", ["user_id", "id"], unique=False)
    op.create_index(
        "uq_watches_chat_id_tx_hash_chain",
        "watches",
        ["chat_id", "tx_hash", "chain"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def create_bridges() -> None:
    op.create_table(
        "bridges",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("first_watch_id", sa.BigInteger(), nullable=False),
        sa.Column("second_watch_id", sa.BigInteger(), nullable=True),
        sa.Column("to_chain", sa.String(length=16), nullable=True),
        sa.Column("recipient", sa.String(length=128), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("amount", sa.Numeric(precision=78, scale=0), nullable=True),
        sa.Column(
            "match",
            sa.Enum(
                "none",
                "probable",
                "given",
                name="match",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_number", sa.BigInteger(), nullable=True),
        sa.Column("rejected", sa.ARRAY(sa.String(length=66)), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_watch_id"],
            ["watches.id"],
            name=op.f("fk_bridges_first_watch_id_watches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_watch_id"],
            ["watches.id"],
            name=op.f("fk_bridges_second_watch_id_watches"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bridges_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridges")),
    )
    op.create_index("ix_bridges_first_watch_id", "bridges", ["first_watch_id"], unique=True)
    op.create_index("ix_bridges_second_watch_id", "bridges", ["second_watch_id"], unique=False)
    op.create_index(
        "ix_bridges_to_match",
        "bridges",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index("ix_bridges_user_id", "bridges", ["user_id"], unique=False)


def create_indexes_of_what_is_over() -> None:
    """Housekeeping finds by them what leaves the older tables."""
    op.create_index(
        "ix_outbox_over",
        "outbox",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('sent', 'withdrawn', 'unreachable')"),
    )
    op.create_index(
        "ix_external_events_handled",
        "external_events",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("outcome IN ('settled', 'repeated', 'ignored')"),
    )


def downgrade() -> None:
    op.drop_index("ix_external_events_handled", table_name="external_events")
    op.drop_index("ix_outbox_over", table_name="outbox")
    for table in (
        "bridges",
        "watches",
        "addresses",
        "transactions",
        "group_chats",
        "chain_states",
        "chain_blocks",
    ):
        op.drop_table(table)
