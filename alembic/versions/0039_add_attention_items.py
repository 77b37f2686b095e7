"""What an operator must decide or look into, as a list that is worked off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# What does not know the table notifies operators as before, and lists nothing.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "attention_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.Column("settlement", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention_items")),
        sa.UniqueConstraint("key", name=op.f("uq_attention_items_key")),
    )
    open_, settled = sa.text("settled_at IS NULL"), sa.text("settled_at IS NOT NULL")
    op.create_index("ix_attention_items_open", "attention_items", ["id"], postgresql_where=open_)
    op.create_index(
        "ix_attention_items_settled", "attention_items", ["settled_at"], postgresql_where=settled
    )
    op.create_index(
        "ix_attention_items_user",
        "attention_items",
        ["user_id"],
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    # In the words of the query that finds an item's messages.
    op.execute(
        "CREATE INDEX ix_outbox_item ON outbox ((values ->> 'item'))"
        " WHERE (values ->> 'item') IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_item", table_name="outbox")
    op.drop_table("attention_items")
