"""Offers to come back: a code of a user's own, for a limited time, already on their next order."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.round_counts import MORE_DUE, Counts
from app.db.models import PromoCode, Subscription, User, WinBack
from app.db.unit_of_work import Database
from app.domain.promo_codes import PromoKind
from app.domain.reminders import is_waking_hour
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import RUNNING_STATUSES
from app.domain.win_backs import compute_next_win_back, find_due_win_back
from app.services.notifications.notify import Notification, notify
from app.services.shop_settings import ShopSettingsCache

_BATCH: Final = 200


async def send_due_win_backs(db: Database, shop: ShopSettingsCache) -> Counts:
    """One batch. By day only; who has bought, or wants no news, gets no more of them."""
    settings = await shop.settings()
    now = clock.now()
    if not settings.win_back_percent or not is_waking_hour(now, settings):
        return {}
    async with db.unit_of_work() as session:
        batch = await _list_due(session, now)
        offered = await _advance(session, batch, settings, now) if batch else 0
    return {"offered": offered, MORE_DUE: int(len(batch) == _BATCH)}


async def _list_due(session: AsyncSession, now: datetime) -> Sequence[WinBack]:
    due = select(WinBack).where(WinBack.due_at <= now).order_by(WinBack.due_at).limit(_BATCH)
    return (await session.scalars(due.with_for_update(skip_locked=True))).all()


async def _advance(
    session: AsyncSession, batch: Sequence[WinBack], shop: ShopSettings, now: datetime
) -> int:
    users = await _list_absent(session, {row.user_id for row in batch}, now)
    offers = list[tuple[WinBack, User]]()
    for row in batch:
        user = users.get(row.user_id)
        step = find_due_win_back(row.ended_at, row.step, now, shop)
        if user is None or step is None:
            row.due_at = None
            continue
        row.step, row.due_at = step, compute_next_win_back(row.ended_at, step, shop)
        if not row.is_held_out:
            offers.append((row, user))
    await _make_offers(session, offers, shop, now)
    return len(offers)


async def _list_absent(
    session: AsyncSession, ids: Collection[int], now: datetime
) -> dict[int, User]:
    """Locked, those of them who can be written to and have no access of any kind."""
    have_access = select(Subscription.user_id).where(
        Subscription.user_id.in_(ids),
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.ends_at > now,
    )
    absent = (
        select(User)
        .where(
            User.id.in_(ids),
            User.id.not_in(have_access),
            User.blocked_at.is_(None),
            User.unreachable_at.is_(None),
            User.broadcasts_off_at.is_(None),
        )
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return {user.id: user for user in await session.scalars(absent)}


async def _make_offers(
    session: AsyncSession,
    offers: Sequence[tuple[WinBack, User]],
    shop: ShopSettings,
    now: datetime,
) -> None:
    """One that a user holds already, and that still counts, is not taken from them."""
    if not offers:
        return
    until = now + timedelta(hours=shop.win_back_hours)
    codes = [_create_code(user.id, shop.win_back_percent, now, until) for _, user in offers]
    session.add_all(codes)
    await session.flush()
    keeps = await _list_holders(session, [user.promo_code_id for _, user in offers], now)
    notifications = []
    for (row, user), code in zip(offers, codes, strict=True):
        is_held = user.promo_code_id not in keeps
        if is_held:
            user.promo_code_id = code.id
        values: dict[str, str | int | None] = {
            "subscription": row.subscription_id,
            "percent": code.value,
            "until": until.isoformat(),
            "code": code.code,
            "held": int(is_held),
        }
        key = f"win-back:{row.id}:{row.step}"
        notifications.append(Notification(key, user.id, "win-back", values))
    await notify(session, *notifications)


async def _list_holders(
    session: AsyncSession, ids: Sequence[int | None], now: datetime
) -> set[int | None]:
    """Of these codes those that are no earlier offer of ours, and not over."""
    lasting = select(PromoCode.id).where(
        PromoCode.id.in_([id_ for id_ in ids if id_ is not None]),
        PromoCode.user_id.is_(None),
        PromoCode.archived_at.is_(None),
        or_(PromoCode.ends_at.is_(None), PromoCode.ends_at > now),
    )
    return set(await session.scalars(lasting))


def _create_code(user_id: int, percent: int, now: datetime, until: datetime) -> PromoCode:
    return PromoCode(
        code=f"BACK-{secrets.token_hex(5).upper()}",
        kind=PromoKind.PERCENT,
        value=percent,
        user_id=user_id,
        max_uses=1,
        max_uses_per_user=1,
        ends_at=until,
        created_at=now,
    )
