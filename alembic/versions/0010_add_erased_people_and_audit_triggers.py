"""What is remembered of erased people, an audit that only grows, money that can lose its owner."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A table nobody else reads, and rules that the code before keeps anyway.
oldest_code = "0005"

AUDIT_IS_APPEND_ONLY = (
    """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted' USING ERRCODE = 'check_violation';
END $$
""",
    """
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
""",
    """
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
""",
)

# Ids from 2^62 on are of nobody: who erases their data leaves their entries to one of them.
LEDGER_MAY_LOSE_ITS_OWNER = """
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.user_id < 4611686018427387904 AND NEW.user_id >= 4611686018427387904
            AND to_jsonb(NEW) - 'user_id' = to_jsonb(OLD) - 'user_id' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'ledger entries are never changed or deleted' USING ERRCODE = 'check_violation';
END $$
"""

LEDGER_IS_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are never changed or deleted' USING ERRCODE = 'check_violation';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "erased_people",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("had_access_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promo_use_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_erased_people")),
    )
    for statement in (*AUDIT_IS_APPEND_ONLY, LEDGER_MAY_LOSE_ITS_OWNER):
        op.execute(statement)


def downgrade() -> None:
    op.execute(LEDGER_IS_APPEND_ONLY)
    op.execute("DROP TRIGGER audit_is_never_emptied ON audit")
    op.execute("DROP TRIGGER audit_is_append_only ON audit")
    op.execute("DROP FUNCTION audit_is_append_only()")
    op.drop_table("erased_people")
