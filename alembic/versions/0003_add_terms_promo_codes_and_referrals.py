"""Add terms, parts of a price, kinds of purchases and entries, promo codes, referrals.

Made before the first release, in one step: the instance before it cannot sell beside it, and
answers with 503 or a text until it has handed over.
"""

from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GIB = 1024**3

# Of the three plans that were sold as terms, those that users bought stay as they are.
MOVE_TERMS = """
INSERT INTO terms (plan_id, months, days, price_minor, currency, traffic_limit_bytes, device_limit)
SELECT id, greatest(1, round(days / 30.0)), days, price_minor, currency,
       traffic_limit_bytes, device_limit
FROM plans
"""
FORGET_UNSOLD = """
DELETE FROM terms WHERE plan_id NOT IN (SELECT plan_id FROM purchases)
"""
FORGET_UNSOLD_PLANS = """
DELETE FROM plans WHERE id NOT IN (SELECT plan_id FROM purchases)
"""
PLANS = """
INSERT INTO plans (code, position, titles) VALUES
    ('standard', 1, '{"en": "Standard", "ru": "Стандарт"}'),
    ('pro', 2, '{"en": "Pro", "ru": "Про"}')
"""
TERMS = f"""
INSERT INTO terms (plan_id, months, days, price_minor, currency, traffic_limit_bytes, device_limit)
SELECT plans.id, t.months, t.days, t.price, 'USD', t.traffic, t.devices
FROM plans JOIN (VALUES
    ('standard', 1, 30, 499, {100 * GIB}, 3), ('standard', 3, 90, 1299, {300 * GIB}, 5),
    ('standard', 6, 180, 2399, {600 * GIB}, 5), ('standard', 12, 365, 4499, 0, 10),
    ('pro', 1, 30, 899, 0, 10), ('pro', 3, 90, 2399, 0, 10),
    ('pro', 6, 180, 4299, 0, 10), ('pro', 12, 365, 7999, 0, 15)
) AS t (code, months, days, price, traffic, devices) ON plans.code = t.code
"""

PURCHASE_STATES = "'created', 'pending', 'paid', 'expired', 'cancelled'"
PURCHASE_KINDS = "'plan', 'renewal', 'top_up', 'trial', 'gift'"
ENTRY_KINDS = "'payment', 'sale'"
NEW_ENTRY_KINDS = (
    f"{ENTRY_KINDS}, 'credit', 'refund', 'payout', 'referral', 'promo', 'correction'"
)
PROMO_KINDS = "'percent', 'amount', 'days', 'balance', 'trial_days'"

OLD_SIGN = "(kind = 'payment' AND amount_minor > 0) OR (kind = 'sale' AND amount_minor <= 0)"
NEW_SIGN = (
    "(kind = 'payment' AND amount_minor > 0)"
    " OR (kind IN ('sale', 'payout') AND amount_minor <= 0)"
    " OR (kind IN ('credit', 'refund', 'promo') AND amount_minor >= 0)"
    " OR kind IN ('referral', 'correction')"
)
OLD_PAID = (
    "status <> 'paid' OR (paid_at IS NOT NULL AND subscription_id IS NOT NULL"
    " AND subscription_revision IS NOT NULL)"
)
NEW_PAID = (
    "status NOT IN ('paid', 'refunded') OR (paid_at IS NOT NULL AND (kind = 'top_up'"
    " OR (subscription_id IS NOT NULL AND subscription_revision IS NOT NULL"
    " AND covers_until IS NOT NULL)))"
)

TO_REMIND = "activation_status = 'active' AND reminded_hours IS DISTINCT FROM 0"
TO_RENEW = "auto_renew AND activation_status IN ('pending', 'active', 'needs_attention')"

FIRST_ACCESS = """
UPDATE users SET had_access_at = first.created_at
FROM (SELECT user_id, min(created_at) AS created_at FROM subscriptions GROUP BY user_id) AS first
WHERE users.id = first.user_id
"""

# Before there were periods, a purchase's is what can be known of it: it began when it was paid.
COVERS = """
UPDATE purchases SET covers_from = paid_at, covers_until = paid_at + days * interval '1 day',
    payment_id = invoice_id
WHERE status = 'paid'
"""


def upgrade() -> None:
    create_terms()
    create_promo_codes()
    widen_users()
    widen_subscriptions()
    widen_purchases()
    create_promo_uses()
    widen_ledger()
    op.alter_column("external_events", "external_id", type_=sa.String(length=255))


def create_terms() -> None:
    op.create_table(
        "terms",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("traffic_limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("device_limit", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "price_minor >= 0 AND days > 0 AND months > 0", name=op.f("ck_terms_price")
        ),
        sa.CheckConstraint(
            "traffic_limit_bytes >= 0 AND device_limit >= 0", name=op.f("ck_terms_limits")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_terms_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("plan_id", "months", name=op.f("uq_terms_plan_id_months")),
    )
    op.execute(MOVE_TERMS)
    op.execute(FORGET_UNSOLD)
    op.execute(FORGET_UNSOLD_PLANS)
    for name in ("ck_plans_terms", "ck_plans_limits"):
        op.drop_constraint(name, "plans")
    for column in ("days", "price_minor", "currency", "traffic_limit_bytes", "device_limit"):
        op.drop_column("plans", column)
    op.execute(PLANS)
    op.execute(TERMS)


def create_promo_codes() -> None:
    op.create_table(
        "promo_codes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=True),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("max_uses", sa.BigInteger(), nullable=True),
        sa.Column("max_uses_per_person", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"kind IN ({PROMO_KINDS})", name=op.f("ck_promo_codes_kind")),
        sa.CheckConstraint(
            "value > 0 AND (kind <> 'percent' OR value <= 100)", name=op.f("ck_promo_codes_value")
        ),
        sa.CheckConstraint(
            "max_uses > 0 AND max_uses_per_person > 0", name=op.f("ck_promo_codes_uses")
        ),
        sa.CheckConstraint(
            "(currency IS NOT NULL) = (kind IN ('amount', 'balance'))",
            name=op.f("ck_promo_codes_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_promo_codes_plan_id_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_promo_codes_code")),
    )


def create_promo_uses() -> None:
    op.create_table(
        "promo_uses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("promo_code_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["promo_code_id"],
            ["promo_codes.id"],
            name=op.f("fk_promo_uses_promo_code_id_promo_codes"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_promo_uses_user_id_users")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_promo_uses_purchase_id_purchases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_uses")),
        sa.UniqueConstraint("purchase_id", name=op.f("uq_promo_uses_purchase_id")),
    )
    op.create_index(
        "ix_promo_uses_promo_code_id_user_id", "promo_uses", ["promo_code_id", "user_id"]
    )


def widen_users() -> None:
    op.add_column("users", sa.Column("referral_code", sa.String(length=16), nullable=True))
    op.execute("UPDATE users SET referral_code = substr(md5(id || '-' || random()), 1, 12)")
    op.alter_column("users", "referral_code", nullable=False)
    op.create_unique_constraint(op.f("uq_users_referral_code"), "users", ["referral_code"])
    op.add_column("users", sa.Column("referrer_id", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("promo_code_id", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("had_access_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FIRST_ACCESS)
    op.create_check_constraint(op.f("ck_users_referrer"), "users", "referrer_id <> id")
    op.create_index("ix_users_referrer_id", "users", ["referrer_id"])
    add_key("users", "referrer_id", "users")
    add_key("users", "promo_code_id", "promo_codes")


def widen_subscriptions() -> None:
    for column in ("plan_id", "term_id"):
        op.add_column("subscriptions", sa.Column(column, sa.BigInteger(), nullable=True))
        add_key("subscriptions", column, f"{column.removesuffix('_id')}s")
    for column in ("is_trial", "auto_renew"):
        add_filled("subscriptions", column, sa.Boolean(), "false")
    add_filled("subscriptions", "used_before_bytes", sa.BigInteger(), "0")
    add_filled("subscriptions", "ends_at", sa.DateTime(timezone=True), "expires_at")
    op.add_column("subscriptions", sa.Column("retired_access_id", sa.Uuid(), nullable=True))
    op.add_column(
        "subscriptions", sa.Column("link_renewed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("subscriptions", sa.Column("trial_told", sa.String(length=32), nullable=True))
    op.drop_index("ix_subscriptions_to_end", table_name="subscriptions")
    for name, columns, condition in (
        ("to_end", ["ends_at"], "activation_status = 'active'"),
        ("to_remind", ["expires_at"], TO_REMIND),
        ("to_renew", ["expires_at", "id"], TO_RENEW),
        ("trials", ["id"], "is_trial AND activation_status = 'active'"),
    ):
        op.create_index(
            f"ix_subscriptions_{name}",
            "subscriptions",
            columns,
            postgresql_where=sa.text(condition),
        )


def widen_purchases() -> None:
    add_filled("purchases", "kind", sa.String(length=32), "'plan'")
    set_check("purchases", "kind", f"kind IN ({PURCHASE_KINDS})")
    op.alter_column("purchases", "plan_id", nullable=True)
    op.alter_column("purchases", "provider", nullable=True)
    op.add_column("purchases", sa.Column("term_id", sa.BigInteger(), nullable=True))
    add_key("purchases", "term_id", "terms")
    op.execute(
        "UPDATE purchases SET term_id = terms.id FROM terms WHERE terms.plan_id = purchases.plan_id"
    )
    op.add_column("purchases", sa.Column("months", sa.BigInteger(), nullable=True))
    op.execute("UPDATE purchases SET months = terms.months FROM terms WHERE terms.id = term_id")
    for column in ("is_change", "is_separate"):
        add_filled("purchases", column, sa.Boolean(), "false")
    for column in ("base_used_bytes", "discount_minor", "credit_minor", "from_balance_minor"):
        add_filled("purchases", column, sa.BigInteger(), "0")
    op.add_column("purchases", sa.Column("charge_minor", sa.BigInteger(), nullable=True))
    op.add_column("purchases", sa.Column("charge_currency", sa.String(length=8), nullable=True))
    op.execute("UPDATE purchases SET charge_minor = price_minor, charge_currency = currency")
    op.add_column("purchases", sa.Column("payment_id", sa.String(length=255), nullable=True))
    for column in ("base_expires_at", "covers_from", "covers_until", "refunded_at"):
        op.add_column("purchases", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("purchases", sa.Column("payout", sa.String(length=32), nullable=True))
    op.execute(COVERS)
    set_check("purchases", "status", f"status IN ({PURCHASE_STATES}, 'refunded')")
    set_check("purchases", "payout", "payout IN ('due', 'done', 'refused')")
    set_check("purchases", "terms", "price_minor >= 0 AND days >= 0")
    set_check("purchases", "paid", NEW_PAID)
    set_check("purchases", "refunded", "(status = 'refunded') = (refunded_at IS NOT NULL)")
    set_check("purchases", "pending", "status <> 'pending' OR charge_minor IS NOT NULL")
    set_check("purchases", "charge", "(charge_minor IS NULL) = (charge_currency IS NULL)")
    set_check(
        "purchases",
        "parts",
        "discount_minor BETWEEN 0 AND price_minor AND credit_minor >= 0"
        " AND from_balance_minor >= 0 AND charge_minor >= 0",
    )
    op.create_index(
        "ix_purchases_payout",
        "purchases",
        ["refunded_at"],
        postgresql_where=sa.text("payout = 'due'"),
    )
    op.create_index(
        "uq_purchases_trial",
        "purchases",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'trial'"),
    )
    op.create_index("ix_purchases_subscription_id", "purchases", ["subscription_id"])
    set_end_of_paid("OLD.status = 'paid' AND NEW.status NOT IN ('paid', 'refunded')")


def widen_ledger() -> None:
    op.alter_column("ledger_entries", "key", type_=sa.String(length=320))
    op.alter_column("ledger_entries", "purchase_id", nullable=True)
    op.add_column("ledger_entries", sa.Column("reason", sa.String(length=256), nullable=True))
    set_check("ledger_entries", "kind", f"kind IN ({NEW_ENTRY_KINDS})")
    set_check("ledger_entries", "sign", NEW_SIGN)
    set_check("ledger_entries", "reason", "kind <> 'correction' OR reason IS NOT NULL")
    op.create_index("ix_ledger_entries_purchase_id", "ledger_entries", ["purchase_id"])


def add_filled(table: str, column: str, type_: sa.types.TypeEngine[Any], value: str) -> None:
    op.add_column(table, sa.Column(column, type_, nullable=True))
    op.execute(f"UPDATE {table} SET {column} = {value}")  # noqa: S608 - our own words
    op.alter_column(table, column, nullable=False)


def add_key(table: str, column: str, target: str) -> None:
    op.create_foreign_key(op.f(f"fk_{table}_{column}_{target}"), table, target, [column], ["id"])


def set_check(table: str, name: str, rule: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_{name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule})")


def set_end_of_paid(condition: str) -> None:
    op.execute("DROP TRIGGER paid_is_the_end ON purchases")
    op.execute(
        "CREATE TRIGGER paid_is_the_end BEFORE UPDATE OF status ON purchases"
        f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION paid_is_the_end()"
    )


# What the shop before cannot express must not be made to look as if it were something else.
REFUSE_NEW_DATA = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM purchases WHERE kind <> 'plan' OR status = 'refunded' OR is_change)
        OR EXISTS (SELECT FROM ledger_entries WHERE kind NOT IN ('payment', 'sale')) THEN
        RAISE EXCEPTION 'the whole shop was used: there is no way back that keeps its books';
    END IF;
END $$
"""
OLD_PLANS = """
INSERT INTO plans (code, position, titles, days, price_minor, currency,
                   traffic_limit_bytes, device_limit)
SELECT plans.code || '-' || terms.months, plans.position, plans.titles, terms.days,
    terms.price_minor, terms.currency, terms.traffic_limit_bytes, terms.device_limit
FROM terms JOIN plans ON plans.id = terms.plan_id
WHERE terms.id <> (SELECT min(id) FROM terms AS other WHERE other.plan_id = terms.plan_id)
"""
FIRST_TERMS = """
UPDATE plans SET days = terms.days, price_minor = terms.price_minor, currency = terms.currency,
    traffic_limit_bytes = terms.traffic_limit_bytes, device_limit = terms.device_limit
FROM terms WHERE terms.id = (SELECT min(id) FROM terms WHERE plan_id = plans.id)
"""
MOVE_PURCHASES = """
UPDATE purchases SET plan_id = plans.id FROM terms, plans AS whole, plans
WHERE terms.id = purchases.term_id AND whole.id = terms.plan_id
    AND plans.code = whole.code || '-' || terms.months
"""
PLAN_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "days": sa.BigInteger(),
    "price_minor": sa.BigInteger(),
    "currency": sa.String(length=8),
    "traffic_limit_bytes": sa.BigInteger(),
    "device_limit": sa.BigInteger(),
}


def downgrade() -> None:
    op.execute(REFUSE_NEW_DATA)
    op.alter_column("external_events", "external_id", type_=sa.String(length=64))
    op.drop_table("promo_uses")
    narrow_ledger()
    narrow_subscriptions()
    narrow_users()
    op.drop_table("promo_codes")
    return_terms()
    narrow_purchases()
    op.drop_table("terms")


def narrow_ledger() -> None:
    op.drop_index("ix_ledger_entries_purchase_id", table_name="ledger_entries")
    op.execute("ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_reason")
    set_check("ledger_entries", "sign", OLD_SIGN)
    set_check("ledger_entries", "kind", f"kind IN ({ENTRY_KINDS})")
    op.drop_column("ledger_entries", "reason")
    op.alter_column("ledger_entries", "purchase_id", nullable=False)
    op.alter_column("ledger_entries", "key", type_=sa.String(length=128))


def narrow_subscriptions() -> None:
    op.drop_index("ix_subscriptions_to_end", table_name="subscriptions")
    op.drop_index("ix_subscriptions_to_remind", table_name="subscriptions")
    op.drop_index("ix_subscriptions_to_renew", table_name="subscriptions")
    op.drop_index("ix_subscriptions_trials", table_name="subscriptions")
    op.create_index(
        "ix_subscriptions_to_end",
        "subscriptions",
        ["expires_at"],
        postgresql_where=sa.text("activation_status = 'active'"),
    )
    for column in (
        "plan_id",
        "term_id",
        "is_trial",
        "auto_renew",
        "used_before_bytes",
        "ends_at",
        "retired_access_id",
        "link_renewed_at",
        "trial_told",
    ):
        op.drop_column("subscriptions", column)


def narrow_users() -> None:
    for column in ("referral_code", "referrer_id", "promo_code_id", "had_access_at"):
        op.drop_column("users", column)


def return_terms() -> None:
    for name, type_ in PLAN_COLUMNS.items():
        op.add_column("plans", sa.Column(name, type_, nullable=True))
    op.execute(FIRST_TERMS)
    op.execute(OLD_PLANS)
    op.execute(MOVE_PURCHASES)
    for name in PLAN_COLUMNS:
        op.alter_column("plans", name, nullable=False)
    set_check("plans", "terms", "price_minor >= 0 AND days > 0")
    set_check("plans", "limits", "traffic_limit_bytes >= 0 AND device_limit >= 0")


def narrow_purchases() -> None:
    set_end_of_paid("OLD.status = 'paid' AND NEW.status <> 'paid'")
    op.execute("UPDATE purchases SET provider = 'none' WHERE provider IS NULL")
    for name in ("payout", "paid", "refunded", "pending", "charge", "parts", "kind"):
        op.execute(f"ALTER TABLE purchases DROP CONSTRAINT ck_purchases_{name}")
    set_check("purchases", "status", f"status IN ({PURCHASE_STATES})")
    set_check("purchases", "terms", "price_minor >= 0 AND days > 0")
    set_check("purchases", "paid", OLD_PAID)
    for name in ("ix_purchases_payout", "uq_purchases_trial", "ix_purchases_subscription_id"):
        op.drop_index(name, table_name="purchases")
    for column in (
        "kind",
        "term_id",
        "months",
        "is_change",
        "is_separate",
        "base_used_bytes",
        "discount_minor",
        "credit_minor",
        "from_balance_minor",
        "charge_minor",
        "charge_currency",
        "payment_id",
        "base_expires_at",
        "covers_from",
        "covers_until",
        "refunded_at",
        "payout",
    ):
        op.drop_column("purchases", column)
    op.alter_column("purchases", "provider", nullable=False)
    op.alter_column("purchases", "plan_id", nullable=False)
