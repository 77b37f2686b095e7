"""Under which name the panel knows an access whose user was erased, until it has removed it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# What does not know the column asks the panel by the access's id, as it always did.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("panel_name", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("subscriptions", "panel_name")
