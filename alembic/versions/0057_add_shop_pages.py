"""Texts, pictures and questions that operators write for the bot's own pages."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

# What does not know the tables shows the standard texts.
oldest_code = "0005"

LANGUAGE = "language IN ('ru', 'en')"


def upgrade() -> None:
    op.create_table(
        "page_texts",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(LANGUAGE, name=op.f("ck_page_texts_language")),
        sa.PrimaryKeyConstraint("name", "language", name=op.f("pk_page_texts")),
    )
    op.create_table(
        "page_pictures",
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("page", name=op.f("pk_page_pictures")),
    )
    op.create_table(
        "faq_entries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(LANGUAGE, name=op.f("ck_faq_entries_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_entries")),
    )
    op.create_index("ix_faq_entries_language", "faq_entries", ["language", "position"])


def downgrade() -> None:
    op.drop_table("faq_entries")
    op.drop_table("page_pictures")
    op.drop_table("page_texts")
