"""kept_updates becomes failed_updates, erased_people becomes erased_users."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# It finds both tables as views under their old names, which PostgreSQL lets it read, lock and
# write like tables. What drops them declares "0020" or newer.
oldest_code = "0005"

NEW_NAMES = {"kept_updates": "failed_updates", "erased_people": "erased_users"}


def upgrade() -> None:
    for old, new in NEW_NAMES.items():
        rename(old, new)
        op.execute(f"CREATE VIEW {old} AS SELECT * FROM {new}")


def downgrade() -> None:
    for old, new in NEW_NAMES.items():
        op.execute(f"DROP VIEW {old}")
        rename(new, old)


def rename(before: str, after: str) -> None:
    op.rename_table(before, after)
    op.execute(f"ALTER TABLE {after} RENAME CONSTRAINT pk_{before} TO pk_{after}")
