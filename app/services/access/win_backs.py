"""What an end opens: offers to come back, for those who had paid. Step."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Subscription, WinBack
from app.domain.win_backs import compute_next_win_back, is_held_out
from app.services.shop_settings import load_shop_settings


async def open_win_backs(session: AsyncSession, ended: Sequence[Subscription]) -> None:
    """Nothing while the shop offers nothing; a trial has notifications of its own."""
    paid = [row for row in ended if not row.is_trial]
    if not paid:
        return
    shop = await load_shop_settings(session)
    if not shop.win_back_percent:
        return
    rows = [
        {
            "user_id": row.user_id,
            "subscription_id": row.id,
            "ended_at": row.ends_at,
            "is_held_out": is_held_out(row.user_id, shop.win_back_holdout_percent),
            "step": 0,
            "due_at": compute_next_win_back(row.ends_at, 0, shop),
        }
        for row in paid
    ]
    await session.execute(insert(WinBack).on_conflict_do_nothing(), rows)
