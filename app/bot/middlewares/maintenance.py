"""While the shop is under maintenance, one sentence stands in place of what leads to a purchase."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.callbacks import (
    BuyExtra,
    BuyGift,
    BuyTerm,
    BuyTermWithBalance,
    ExtrasPage,
    OpenOrder,
    OtherAmountPage,
    PayOrder,
    PlanPage,
    PlansPage,
    PromoCodePage,
    RedeemGift,
    RemovePromoCode,
    RenewSubscription,
    RequestTrial,
    TopUp,
    TopUpPage,
    TrialPage,
    UseBalance,
)
from app.bot.commands import get_command_name
from app.bot.context import BotContext
from app.bot.handlers.balance import TopUpDialogue
from app.bot.handlers.promo_codes import PromoDialogue
from app.bot.screens.maintenance import maintenance_screen, maintenance_toast

_CLOSED_COMMANDS: Final = frozenset({"plans", "trial", "promo"})
_CLOSED_TAPS: Final = frozenset(
    kind.__prefix__
    for kind in (
        BuyExtra,
        BuyGift,
        BuyTerm,
        BuyTermWithBalance,
        ExtrasPage,
        OpenOrder,
        OtherAmountPage,
        PayOrder,
        PlanPage,
        PlansPage,
        PromoCodePage,
        RedeemGift,
        RemovePromoCode,
        RenewSubscription,
        RequestTrial,
        TopUp,
        TopUpPage,
        TrialPage,
        UseBalance,
    )
)
_CLOSED_DIALOGUES: Final = frozenset({PromoDialogue.typing.state, TopUpDialogue.typing.state})


class MaintenanceMiddleware(BaseMiddleware):
    """Keys, support, refunds, open invoices and operators go on; in groups nothing is sold."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        context: BotContext | None = data.get("context")
        if context is None or not context.is_private or not context.is_under_maintenance:
            return await handler(event, data)
        tapped = (event.data or "").partition(":")[0] if isinstance(event, CallbackQuery) else ""
        if tapped in _CLOSED_TAPS:
            data["answer"].alert(maintenance_toast(context.t))
        elif _is_closed_message(event, data.get("raw_state")):
            await context.show(maintenance_screen(context.t, context.offer))
        else:
            return await handler(event, data)
        return None


def _is_closed_message(event: TelegramObject, raw_state: str | None) -> bool:
    text = event.text or "" if isinstance(event, Message) else ""
    if (command := get_command_name(text)) is not None:
        return command in _CLOSED_COMMANDS
    return isinstance(event, Message) and raw_state in _CLOSED_DIALOGUES
