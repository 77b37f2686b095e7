"""A condition on many values as one parameter: a statement takes 32,767 of them."""

from collections.abc import Collection

from sqlalchemy import ARRAY, ColumnElement, String, any_, literal
from sqlalchemy.orm import InstrumentedAttribute


def any_of(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | ColumnElement[str],
    values: Collection[str],
) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(String)))
