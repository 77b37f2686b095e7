"""Panels beside the environment's, and which of them holds a subscription."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# What does not know the column asks the environment's panel for every subscription: so it may run
# on this schema, as long as no further panel is used.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "panels",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("key_variable", sa.String(length=64), nullable=True),
        sa.Column("headers_variable", sa.String(length=64), nullable=True),
        sa.Column("cookies_variable", sa.String(length=64), nullable=True),
        sa.Column("proxy_variable", sa.String(length=64), nullable=True),
        sa.Column("link_base", sa.String(), nullable=True),
        sa.Column(
            "access_groups", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("panel_group", sa.String(length=32), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                "retired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "name = 'default' OR (kind IS NOT NULL AND url IS NOT NULL"
            " AND key_variable IS NOT NULL)",
            name=op.f("ck_panels_described"),
        ),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_panels_capacity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panels")),
        sa.UniqueConstraint("name", name=op.f("uq_panels_name")),
    )
    op.add_column("subscriptions", sa.Column("panel_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("subscriptions", "panel_id")
    op.drop_table("panels")
