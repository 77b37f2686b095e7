"""Create users, plans, purchases, subscriptions, ledger, events and outbox."""

import sqlalchemy as sa

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LEDGER_IS_APPEND_ONLY = (
    """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are never changed or deleted' USING ERRCODE = 'check_violation';
END $$
""",
    """
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()
""",
    """
CREATE TRIGGER ledger_is_never_emptied BEFORE TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
""",
)

# At commit, and one spender after the other: the lock on the user's row makes the second one see
# the first one's entries. NO KEY UPDATE, because foreign keys to the row are locked by both.
BALANCE_IS_NEVER_NEGATIVE = (
    """
CREATE FUNCTION balance_is_never_negative() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF (SELECT sum(amount_minor) FROM ledger_entries
        WHERE user_id = NEW.user_id AND currency = NEW.currency) < 0 THEN
        RAISE EXCEPTION 'the balance would be negative' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER balance_is_never_negative AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.amount_minor < 0) EXECUTE FUNCTION balance_is_never_negative()
""",
)

PAID_IS_THE_END = (
    """
CREATE FUNCTION paid_is_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a paid purchase stays paid' USING ERRCODE = 'check_violation';
END $$
""",
    """
CREATE TRIGGER paid_is_the_end BEFORE UPDATE OF status ON purchases
    FOR EACH ROW WHEN (OLD.status = 'paid' AND NEW.status <> 'paid')
    EXECUTE FUNCTION paid_is_the_end()
""",
)

PLANS = """
INSERT INTO plans (code, position, titles, days, price_minor, currency,
                   traffic_limit_bytes, device_limit) VALUES
    ('month', 1, '{"en": "1 month", "ru": "1 месяц"}', 30, 499, 'USD', 107374182400, 3),
    ('quarter', 2, '{"en": "3 months", "ru": "3 месяца"}', 90, 1299, 'USD', 322122547200, 5),
    ('year', 3, '{"en": "1 year", "ru": "1 год"}', 365, 4499, 'USD', 0, 10)
"""

TRIGGERS = (*LEDGER_IS_APPEND_ONLY, *BALANCE_IS_NEVER_NEGATIVE, *PAID_IS_THE_END)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "external_events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("event_type", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "received",
                "settled",
                "repeated",
                "unmatched",
                "disputed",
                "failed",
                "ignored",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_events")),
        sa.UniqueConstraint(
            "provider",
            "external_id",
            "event_type",
            name=op.f("uq_external_events_provider_external_id_event_type"),
        ),
    )
    op.create_table(
        "kept_updates",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_kept_updates")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "lane",
            sa.Enum(
                "person", "notice", "bulk", name="lane", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "doubt",
            sa.Enum(
                "send_again",
                "leave",
                name="doubt",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("edit_message_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "sent",
                "unreachable",
                "doubtful",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (leased_until IS NULL)", name=op.f("ck_outbox_lease")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_chat_message", "outbox", ["chat_id", "message_id"], unique=False)
    op.create_index(
        "ix_outbox_chat_order",
        "outbox",
        ["chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["lane", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("titles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("traffic_limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("device_limit", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("price_minor >= 0 AND days > 0", name=op.f("ck_plans_terms")),
        sa.CheckConstraint(
            "traffic_limit_bytes >= 0 AND device_limit >= 0", name=op.f("ck_plans_limits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("code", name=op.f("uq_plans_code")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("first_name", sa.String(length=256), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('ru', 'en')", name=op.f("ck_users_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traffic_limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("device_limit", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column(
            "activation_status",
            sa.Enum(
                "pending",
                "active",
                "needs_attention",
                "removal_pending",
                "removed",
                name="activation_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "activation_status <> 'active' OR link IS NOT NULL", name=op.f("ck_subscriptions_link")
        ),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (leased_until IS NULL)", name=op.f("ck_subscriptions_lease")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_subscriptions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("access_id", name=op.f("uq_subscriptions_access_id")),
    )
    op.create_index(
        "ix_subscriptions_to_end",
        "subscriptions",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("activation_status = 'active'"),
    )
    op.create_index(
        "ix_subscriptions_to_provision",
        "subscriptions",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("activation_status IN ('pending', 'needs_attention')"),
    )
    op.create_index(
        "ix_subscriptions_to_remove",
        "subscriptions",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("activation_status = 'removal_pending'"),
    )
    op.create_index("ix_subscriptions_user_id", "subscriptions", ["user_id"], unique=False)
    op.create_table(
        "purchases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "created",
                "pending",
                "paid",
                "expired",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("titles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("traffic_limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("device_limit", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=64), nullable=True),
        sa.Column("pay_url", sa.String(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subscription_id", sa.BigInteger(), nullable=True),
        sa.Column("subscription_revision", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'paid' OR (paid_at IS NOT NULL AND subscription_id IS NOT NULL"
            " AND subscription_revision IS NOT NULL)",
            name=op.f("ck_purchases_paid"),
        ),
        sa.CheckConstraint("price_minor >= 0 AND days > 0", name=op.f("ck_purchases_terms")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_purchases_plan_id_plans")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_purchases_subscription_id_subscriptions"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_purchases_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        sa.UniqueConstraint(
            "provider", "invoice_id", name=op.f("uq_purchases_provider_invoice_id")
        ),
    )
    op.create_index(
        "ix_purchases_ended",
        "purchases",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('expired', 'cancelled')"),
    )
    op.create_index(
        "ix_purchases_open",
        "purchases",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_purchases_stale",
        "purchases",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'created'"),
    )
    op.create_index(
        "ix_purchases_undelivered",
        "purchases",
        ["subscription_id"],
        unique=False,
        postgresql_where=sa.text("status = 'paid' AND delivered_at IS NULL"),
    )
    op.create_index("ix_purchases_user_id", "purchases", ["user_id", "created_at"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "payment", "sale", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'payment' AND amount_minor > 0) OR (kind = 'sale' AND amount_minor <= 0)",
            name=op.f("ck_ledger_entries_sign"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_ledger_entries_purchase_id_purchases")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_ledger_entries_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entries_key")),
    )
    op.create_index(
        "ix_ledger_entries_balance", "ledger_entries", ["user_id", "currency"], unique=False
    )
    for statement in TRIGGERS:
        op.execute(statement)
    op.execute(PLANS)


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_balance", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index("ix_purchases_user_id", table_name="purchases")
    op.drop_index(
        "ix_purchases_undelivered",
        table_name="purchases",
        postgresql_where=sa.text("status = 'paid' AND delivered_at IS NULL"),
    )
    op.drop_index(
        "ix_purchases_stale", table_name="purchases", postgresql_where=sa.text("status = 'created'")
    )
    op.drop_index(
        "ix_purchases_open", table_name="purchases", postgresql_where=sa.text("status = 'pending'")
    )
    op.drop_index(
        "ix_purchases_ended",
        table_name="purchases",
        postgresql_where=sa.text("status IN ('expired', 'cancelled')"),
    )
    op.drop_table("purchases")
    op.drop_index("ix_subscriptions_user_id", table_name="subscriptions")
    op.drop_index(
        "ix_subscriptions_to_remove",
        table_name="subscriptions",
        postgresql_where=sa.text("activation_status = 'removal_pending'"),
    )
    op.drop_index(
        "ix_subscriptions_to_provision",
        table_name="subscriptions",
        postgresql_where=sa.text("activation_status IN ('pending', 'needs_attention')"),
    )
    op.drop_index(
        "ix_subscriptions_to_end",
        table_name="subscriptions",
        postgresql_where=sa.text("activation_status = 'active'"),
    )
    op.drop_table("subscriptions")
    op.drop_table("users")
    op.drop_table("plans")
    op.drop_index(
        "ix_outbox_due", table_name="outbox", postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_index(
        "ix_outbox_chat_order", table_name="outbox", postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_index("ix_outbox_chat_message", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("kept_updates")
    op.drop_table("external_events")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_table("audit")
    for function in ("paid_is_the_end", "balance_is_never_negative", "ledger_is_append_only"):
        op.execute(f"DROP FUNCTION {function}()")
