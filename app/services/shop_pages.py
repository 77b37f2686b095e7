"""The pages that operators have written: read together with the settings, by one statement."""

from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from app.db.models import FaqEntryRow, PagePicture, PageTextRow
from app.domain.pages import FaqEntry, ShopPages


def select_shop_pages() -> tuple[ScalarSelect[Any], ...]:
    """For a statement that reads something else too; `parse_shop_pages` takes the values."""
    return (
        _select_rows(PageTextRow.language, PageTextRow.name, PageTextRow.html),
        _select_rows(PagePicture.page, PagePicture.file_id),
        _select_rows(
            FaqEntryRow.position,
            FaqEntryRow.id,
            FaqEntryRow.language,
            FaqEntryRow.question,
            FaqEntryRow.answer,
        ),
    )


def parse_shop_pages(
    texts: list[list[str]] | None,
    pictures: list[list[str]] | None,
    faq: list[list[Any]] | None,
) -> ShopPages:
    by_language: dict[str, dict[str, str]] = {}
    for language, name, html in texts or ():
        by_language.setdefault(language, {})[name] = html
    questions: dict[str, list[FaqEntry]] = {}
    for _, id_, language, question, answer in sorted(faq or ()):
        questions.setdefault(language, []).append(FaqEntry(id_, question, answer))
    return ShopPages(by_language, dict(pictures or ()), questions)


def _select_rows(*columns: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """All of a table, as lists of these."""
    rows = func.jsonb_agg(func.jsonb_build_array(*columns), type_=JSONB)
    return select(rows).scalar_subquery()
