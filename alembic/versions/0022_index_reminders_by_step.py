"""Indexes by the step that was sent last: a round of reminders reads what is due and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Indexes only.
oldest_code = "0005"

RUNNING_TRIALS = sa.text("is_trial AND activation_status = 'active'")
HALFWAY = sa.text("(timezone('UTC', created_at) + (expires_at - created_at) / 2)")


def upgrade() -> None:
    op.create_index(
        "ix_subscriptions_reminded",
        "subscriptions",
        ["reminded_hours", "expires_at"],
        unique=False,
        postgresql_where=sa.text("activation_status = 'active' AND NOT is_trial"),
    )
    index_trials("created", sa.text("created_at"))
    index_trials("halfway", HALFWAY)
    index_trials("ending", sa.text("expires_at"))
    op.drop_index("ix_subscriptions_trials", table_name="subscriptions")


def downgrade() -> None:
    op.create_index(
        "ix_subscriptions_trials",
        "subscriptions",
        ["id"],
        unique=False,
        postgresql_where=RUNNING_TRIALS,
    )
    for name in ("trials_ending", "trials_halfway", "trials_created", "reminded"):
        op.drop_index(f"ix_subscriptions_{name}", table_name="subscriptions")


def index_trials(name: str, moment: sa.TextClause) -> None:
    op.create_index(
        f"ix_subscriptions_trials_{name}",
        "subscriptions",
        ["trial_told", moment],
        unique=False,
        postgresql_where=RUNNING_TRIALS,
    )
