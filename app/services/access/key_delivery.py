"""The messages that bring a key: for what was paid, or in the place of the one before."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase
from app.domain.messages import DeliveryGuarantee
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services.access.extras import build_extra_values
from app.services.access.panel_work import PanelClaim
from app.services.access.subscriptions import find_subscription_number
from app.services.notifications.key_messages import KEY_REPLACED_TEMPLATE
from app.services.notifications.notify import Notification, notify
from app.services.notifications.receipts import WithdrawnReceipt, withdraw_receipt

Values = dict[str, str | int | None]


async def replace_shown_keys(session: AsyncSession, claim: PanelClaim, link: str) -> None:
    """The messages that show the old key show the new one, as far as they can be edited."""
    if link == claim.link or not claim.key_message_ids:
        return
    values = await build_key_values(session, claim, link)
    about = f"{KEY_REPLACED_TEMPLATE}:{claim.subscription_id}:{claim.revision}"
    await notify(
        session,
        *(
            Notification(
                f"{about}:{id_}", claim.user_id, KEY_REPLACED_TEMPLATE, values, edit_message_id=id_
            )
            for id_ in claim.key_message_ids
        ),
    )


async def deliver_key(session: AsyncSession, claim: PanelClaim, link: str) -> bool:
    """The key's message, once for all purchases that this revision fulfils (P2); whether one is."""
    delivered = (
        await session.scalars(
            update(Purchase)
            .where(
                Purchase.subscription_id == claim.subscription_id,
                Purchase.status == PurchaseStatus.PAID,
                Purchase.delivered_at.is_(None),
                Purchase.subscription_revision <= claim.revision,
            )
            .values(delivered_at=clock.now())
            .returning(Purchase)
            .execution_options(synchronize_session=False)
        )
    ).all()
    # A user who has the key was notified of a renewal when it was paid.
    news = [
        purchase
        for purchase in delivered
        if link != claim.link or purchase.kind is not PurchaseKind.RENEWAL
    ]
    if news:
        newest = max(news, key=lambda purchase: (purchase.subscription_revision, purchase.id))
        receipt = await withdraw_receipt(session, newest.id)
        values = await build_key_values(session, claim, link)
        # What was paid by a tap has the tap's answer for a receipt, in the order's message.
        await notify(
            session,
            _to_notification(claim, link, newest, values, receipt if newest.charge_minor else None),
        )
    return bool(news)


def _to_notification(
    claim: PanelClaim,
    link: str,
    purchase: Purchase,
    values: Values,
    receipt: WithdrawnReceipt | None,
) -> Notification:
    """The key, or for a user who has it that it goes on working; with the receipt it overtook."""
    if link == claim.link and purchase.extra_id is not None:
        values |= build_extra_values(purchase, claim.traffic_limit_bytes, claim.access.device_limit)
    return Notification(
        f"key:{purchase.id}",
        claim.user_id,
        _choose_template(claim, link, purchase),
        values | {"paid": receipt.price} if receipt else values,
        guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        edit_message_id=receipt.message_id if receipt else None,
    )


async def build_key_values(session: AsyncSession, claim: PanelClaim, link: str) -> Values:
    about = await name_subscription(session, claim)
    return about | {
        "link": link,
        "page_token": claim.page_token,
        "expires_at": claim.expires_at.isoformat(),
    }


async def name_subscription(session: AsyncSession, claim: PanelClaim) -> Values:
    """Which one it is about, with its number for a user who has several."""
    id_ = claim.subscription_id
    return {
        "subscription": id_,
        "number": await find_subscription_number(session, id_, claim.user_id),
    }


def _choose_template(claim: PanelClaim, link: str, purchase: Purchase) -> str:
    if link == claim.link:
        return "subscription-extended" if purchase.extra_id is None else "extra-delivered"
    return "trial-key-ready" if claim.is_trial else "key-ready"
