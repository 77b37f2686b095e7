"""A column for a name that a user chose: clean when it is written, and when it is read."""

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from app.domain.names import clean_name


class Name(TypeDecorator[str]):
    """Of at most `length` characters; rows from before the cleaning are shown clean too."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self._length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else clean_name(value, self._length)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean_name(value, self._length)
