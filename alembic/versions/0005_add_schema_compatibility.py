"""Add schema_compatibility, and write_probes, whose row /health writes to see that writes work."""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Nothing older reads the row: it ends at a migration that it does not know.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "schema_compatibility",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("oldest_code", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_schema_compatibility_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_compatibility")),
    )
    op.create_table(
        "write_probes",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("filler", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_write_probes_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_probes")),
    )
    op.execute("INSERT INTO write_probes (id, filler) VALUES (1, '')")


def downgrade() -> None:
    op.drop_table("write_probes")
    op.drop_table("schema_compatibility")
