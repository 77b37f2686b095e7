"""Actions for many subscriptions at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

# What does not know the tables leaves a job where it stands; a later version goes on with it. It
# goes on with a panel's move that is paused, and knows no exports of items.
oldest_code = "0005"

_AT = sa.DateTime(timezone=True)
_COUNTS = ("total", "done", "skipped", "failed")
KINDS = "'users', 'payments', 'ledger', 'subscriptions', 'promo', 'audit', 'recipients'"


def upgrade() -> None:
    op.create_table(
        "bulk_jobs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("action_values", postgresql.JSONB(), nullable=False),
        sa.Column("panel_move_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("wakes_at", _AT, nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("ended_at", _AT, nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
            for name in _COUNTS
        ),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'done', 'cancelled')", name=op.f("ck_bulk_jobs_state")
        ),
        sa.ForeignKeyConstraint(
            ["panel_move_id"], ["panel_moves.id"], name=op.f("fk_bulk_jobs_panel_move_id_panel_moves")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_jobs")),
        sa.UniqueConstraint("request_key", name=op.f("uq_bulk_jobs_request_key")),
    )
    for column in ("wakes_at", "ended_at"):
        op.create_index(
            f"ix_bulk_jobs_{column}",
            "bulk_jobs",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_table(
        "bulk_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("panel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("ended_before", _AT, nullable=False),
        sa.Column("ends_now", _AT, nullable=True),
        sa.Column("ended_at", _AT, nullable=True),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", _AT, nullable=True),
        sa.Column("lease_term", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'skipped', 'failed')", name=op.f("ck_bulk_items_state")
        ),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (leased_until IS NULL)", name=op.f("ck_bulk_items_lease")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["bulk_jobs.id"], name=op.f("fk_bulk_items_job_id_bulk_jobs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_items")),
        sa.UniqueConstraint(
            "subscription_id", "job_id", name=op.f("uq_bulk_items_subscription_id_job_id")
        ),
    )
    op.create_index("ix_bulk_items_job_id", "bulk_items", ["job_id", "id"])
    op.create_index(
        "ix_bulk_items_waiting",
        "bulk_items",
        ["job_id", "panel_id", "due_at", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column("panel_moves", sa.Column("paused_at", _AT, nullable=True))
    allow(f"{KINDS}, 'bulk'")


def downgrade() -> None:
    op.execute("DELETE FROM exports WHERE kind = 'bulk'")
    allow(KINDS)
    op.drop_column("panel_moves", "paused_at")
    op.drop_table("bulk_items")
    op.drop_table("bulk_jobs")


def allow(kinds: str) -> None:
    op.drop_constraint(op.f("ck_exports_kind"), "exports", type_="check")
    op.create_check_constraint(op.f("ck_exports_kind"), "exports", f"kind IN ({kinds})")
