"""The variable with the authority of a panel's certificate."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.add_column("panels", sa.Column("ca_variable", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("panels", "ca_variable")
