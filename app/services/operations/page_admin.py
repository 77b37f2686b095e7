"""The bot's own pages as operators write them: texts, pictures, and questions with answers."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeOvertakenError, ExpectedError
from app.core.external_values import to_storable_text
from app.db.models import FaqEntryRow, PagePicture, PageTextRow
from app.db.unit_of_work import Database
from app.domain.pages import MAX_FAQ_ENTRIES, PageText, PicturePage, ShopPages
from app.services.audit import record_audit_entry
from app.services.shop_pages import parse_shop_pages, select_shop_pages

_LOCK = 0x9A6E7E87  # an advisory lock of our own: there may be no row to lock


class NoFaqEntryError(ExpectedError):
    text_key = "error-faq-entry-gone"


class TooManyFaqEntriesError(ExpectedError):
    text_key = "error-faq-full"


async def load_shop_pages(db: Database) -> ShopPages:
    """As they stand now, where the cache could be half a minute too old."""
    async with db.read_only() as session:
        return await _load(session)


async def set_page_text(
    db: Database,
    operator: int,
    name: PageText,
    language: str,
    html: str | None,
    *,
    seen: str | None,
) -> None:
    """None gives the standard text back. `seen`: what it is still. Raises ChangeOvertakenError."""
    async with db.unit_of_work() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        old = (await _load(session)).get_text(language, name)
        if old != seen:
            raise ChangeOvertakenError(f"{name} is another one meanwhile", "refused-overtaken")
        if html is None:
            await session.execute(
                delete(PageTextRow).where(
                    PageTextRow.name == name, PageTextRow.language == language
                )
            )
        else:
            values = {"html": to_storable_text(html), "changed_at": clock.now()}
            row = insert(PageTextRow).values(name=name, language=language, **values)
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=[PageTextRow.name, PageTextRow.language], set_=values
                )
            )
        record_audit_entry(
            session,
            f"user:{operator}",
            "page_text_changed",
            f"page:{name}",
            language=language,
            old=old,
            new=html,
        )


async def set_page_picture(
    db: Database, operator: int, page: PicturePage, file_id: str | None
) -> None:
    """In place of what there was; None takes it away."""
    async with db.unit_of_work() as session:
        if file_id is None:
            await session.execute(delete(PagePicture).where(PagePicture.page == page))
        else:
            values = {"file_id": to_storable_text(file_id), "changed_at": clock.now()}
            row = insert(PagePicture).values(page=page, **values)
            await session.execute(
                row.on_conflict_do_update(index_elements=[PagePicture.page], set_=values)
            )
        action = "page_picture_removed" if file_id is None else "page_picture_set"
        record_audit_entry(session, f"user:{operator}", action, f"page:{page}")


async def require_faq_entry(db: Database, entry_id: int) -> FaqEntryRow:
    """Raises NoFaqEntryError."""
    async with db.read_only() as session:
        row = await session.get(FaqEntryRow, entry_id)
    if row is None:
        raise NoFaqEntryError
    return row


async def add_faq_entry(
    db: Database, operator: int, language: str, question: str, answer: str
) -> None:
    """At the end. Raises TooManyFaqEntriesError."""
    async with db.unit_of_work() as session:
        rows = await _lock_faq(session, language)
        if len(rows) >= MAX_FAQ_ENTRIES:
            raise TooManyFaqEntriesError
        row = FaqEntryRow(
            language=language,
            position=rows[-1].position + 1 if rows else 1,
            question=to_storable_text(question),
            answer=to_storable_text(answer),
            changed_at=clock.now(),
        )
        session.add(row)
        await session.flush()
        _record_entry(session, operator, "faq_entry_added", row)


async def change_faq_entry(
    db: Database,
    operator: int,
    entry_id: int,
    question: str,
    answer: str,
    *,
    seen: Sequence[str],
) -> None:
    """`seen`: question and answer as they must still be.

    Raises NoFaqEntryError, ChangeOvertakenError.
    """
    async with db.unit_of_work() as session:
        row = await session.get(FaqEntryRow, entry_id, with_for_update=True)
        if row is None:
            raise NoFaqEntryError
        old = [row.question, row.answer]
        if old != [*seen]:
            raise ChangeOvertakenError("the question is another one meanwhile", "refused-overtaken")
        row.question, row.answer = to_storable_text(question), to_storable_text(answer)
        row.changed_at = clock.now()
        _record_entry(session, operator, "faq_entry_changed", row, old=": ".join(old))


async def move_faq_entry_up(db: Database, operator: int, entry_id: int) -> str:
    """By one place; the first stays the first. Its language. Raises NoFaqEntryError."""
    async with db.unit_of_work() as session:
        row = await session.get(FaqEntryRow, entry_id)
        if row is None:
            raise NoFaqEntryError
        rows = await _lock_faq(session, row.language)
        at = rows.index(row)
        if at:
            above = rows[at - 1]
            row.position, above.position = above.position, row.position
            _record_entry(session, operator, "faq_entry_moved", row)
        return row.language


async def delete_faq_entry(db: Database, operator: int, entry_id: int) -> None:
    """Twice is once."""
    async with db.unit_of_work() as session:
        row = await session.get(FaqEntryRow, entry_id)
        if row is not None:
            await session.execute(delete(FaqEntryRow).where(FaqEntryRow.id == entry_id))
            _record_entry(session, operator, "faq_entry_deleted", row, old=row.answer)


async def _load(session: AsyncSession) -> ShopPages:
    row = (await session.execute(select(*select_shop_pages()))).one()
    return parse_shop_pages(*row)


async def _lock_faq(session: AsyncSession, language: str) -> Sequence[FaqEntryRow]:
    """In their order. Those of two operators at once do not exceed what there may be."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    rows = await session.scalars(
        select(FaqEntryRow)
        .where(FaqEntryRow.language == language)
        .order_by(FaqEntryRow.position, FaqEntryRow.id)
    )
    return rows.all()


def _record_entry(
    session: AsyncSession, operator: int, action: str, row: FaqEntryRow, **details: str
) -> None:
    record_audit_entry(
        session,
        f"user:{operator}",
        action,
        f"faq:{row.id}",
        language=row.language,
        question=row.question,
        **details,
    )
