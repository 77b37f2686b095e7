"""The list of what operators must decide or look into, and how they work it off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ExpectedError
from app.db.models import AttentionItem
from app.db.unit_of_work import Database
from app.domain.operator_roles import NOTIFIED_SUPPORT, OperatorRole, is_notified_of
from app.services.audit import record_audit_entry
from app.services.notifications.attention import settle_items

ATTENTION_PAGE_SIZE: Final = 8


class NoAttentionItemError(ExpectedError):
    """There is none, it is not for this operator, or it was settled and removed since."""

    text_key = "error-attention-gone"


@dataclass(frozen=True, slots=True)
class AttentionList:
    """A page of them, the oldest first; how many there are, and of which templates."""

    items: Sequence[AttentionItem]
    counts: dict[str, int]
    page: int

    @property
    def count(self) -> int:
        return sum(self.counts.values())


async def list_attention_items(db: Database, role: OperatorRole, page: int) -> AttentionList:
    """Those that are open, and for that role."""
    async with db.read_only() as session:
        items = await session.scalars(
            select(AttentionItem)
            .where(_is_open_for(role))
            .order_by(AttentionItem.id)
            .offset(page * ATTENTION_PAGE_SIZE)
            .limit(ATTENTION_PAGE_SIZE)
        )
        return AttentionList(items.all(), await count_open_items(session, role), page)


async def count_open_items(session: AsyncSession, role: OperatorRole) -> dict[str, int]:
    """By template, those for that role. Step."""
    rows = await session.execute(
        select(AttentionItem.template, func.count())
        .where(_is_open_for(role))
        .group_by(AttentionItem.template)
    )
    return {template: count for template, count in rows.all()}  # noqa: C416 - typed


async def require_attention_item(db: Database, role: OperatorRole, item_id: int) -> AttentionItem:
    """Settled ones too. Raises NoAttentionItemError."""
    async with db.read_only() as session:
        item = await session.get(AttentionItem, item_id)
    if item is None or not is_notified_of(role, item.template):
        raise NoAttentionItemError
    return item


async def settle_attention_item(
    db: Database, operator: int, role: OperatorRole, item_id: int, settlement: str
) -> bool:
    """False where it was settled before: its end stays. Raises NoAttentionItemError."""
    await require_attention_item(db, role, item_id)
    async with db.unit_of_work() as session:
        is_it = AttentionItem.id == item_id
        if not await settle_items(session, is_it, settlement, operator):
            return False
        record_audit_entry(
            session,
            f"user:{operator}",
            "attention_settled",
            f"attention:{item_id}",
            settlement=settlement,
        )
    return True


def _is_open_for(role: OperatorRole) -> ColumnElement[bool]:
    is_theirs = (
        AttentionItem.template.in_(NOTIFIED_SUPPORT) if role is OperatorRole.SUPPORT else true()
    )
    return and_(AttentionItem.settled_at.is_(None), is_theirs)
