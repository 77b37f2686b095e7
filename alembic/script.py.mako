<%! from app.db.migrations import get_oldest_code %>"""${message}"""

import sqlalchemy as sa

from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None

# The head of the oldest code that runs on this schema: as before, when this only expands it.
oldest_code = ${repr(get_oldest_code())}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
