"""Notifications for the operators wait for their role, and become one for each when they are sent."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What does not know the status sends none of these and deletes none: they wait for code that does.
oldest_code = "0005"

STATUSES = "'waiting', 'sent', 'unreachable', 'doubtful', 'failed', 'withdrawn'"
FOR_OPERATORS = "chat_id = 0"


def upgrade() -> None:
    allow(f"'unresolved', {STATUSES}")
    op.create_index(
        "ix_outbox_unresolved",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'unresolved'"),
    )
    op.execute(
        f"UPDATE outbox SET status = 'unresolved' WHERE {FOR_OPERATORS} AND status = 'failed'"
    )


def downgrade() -> None:
    # Nothing sends or removes what failed: so they are kept, for the next upgrade.
    op.execute(
        f"UPDATE outbox SET status = 'failed' WHERE {FOR_OPERATORS} AND status = 'unresolved'"
    )
    op.drop_index("ix_outbox_unresolved", table_name="outbox")
    allow(STATUSES)


def allow(statuses: str) -> None:
    op.drop_constraint(op.f("ck_outbox_status"), "outbox", type_="check")
    op.create_check_constraint(op.f("ck_outbox_status"), "outbox", f"status IN ({statuses})")
