"""Find users by what their name begins with."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    # By bytes: of a name that begins so, all stand together whatever the database's language.
    op.create_index(
        "ix_users_first_name", "users", [sa.text("lower(first_name) text_pattern_ops")], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_users_first_name", table_name="users")
