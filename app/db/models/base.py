"""What all tables share: naming of constraints, instants in UTC, enums as checked text, names."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.domain.names import clean_name

_NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
    }


class ClaimableRow:
    """Waits for a worker, which takes it for a while (`app/db/claims.py`)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)  # the running one too
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    lease_term: Mapped[int | None] = mapped_column(Integer)
    last_error: Mapped[str | None]


def text_enum(states: type[StrEnum], name: str) -> SqlEnum:
    """Text with a CHECK: a new state is a plain migration, not an ALTER TYPE."""
    return SqlEnum(
        states,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda enum: [state.value for state in enum],
    )


class Name(TypeDecorator[str]):
    """One that a user chose, of at most `length` characters: clean when written and when read.

    So rows from before the cleaning are shown clean too.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self._length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else clean_name(value, self._length)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean_name(value, self._length)
