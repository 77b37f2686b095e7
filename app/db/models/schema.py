"""What the database knows of itself: which code may run on it, and a row to try a write on."""

from sqlalchemy import CheckConstraint, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class SchemaCompatibility(Base):
    """One row, written by Alembic's environment with each migration."""

    __tablename__ = "schema_compatibility"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    oldest_code: Mapped[str] = mapped_column(String(32))
    """The head, among its migrations, of the oldest code that may run on this schema."""


class WriteProbe(Base):
    """One row, overwritten by /health."""

    __tablename__ = "write_probes"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    filler: Mapped[str]
