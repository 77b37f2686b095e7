"""A user's subscription moves to another panel of the shop, from their card."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import FromOperator
from app.bot.operator_callbacks import (
    ChosenTargetPage,
    MoveSubscription,
    MoveTargetsPage,
    UserMovePage,
)
from app.bot.screens.users import moves as screens
from app.bot.screens.users.actions import choose_subscription_screen
from app.core.errors import ChangeRefusedError
from app.domain.operator_roles import Permission
from app.services.operations import panel_moves, user_page
from app.services.operations.move_choices import get_move_choice


def create_router() -> Router:
    router = Router(name="user_moves")
    may_move = FromOperator(Permission.MOVE_SUBSCRIPTIONS)
    taps = router.callback_query
    taps.register(choose_for_move, may_move, UserMovePage.filter())
    taps.register(show_targets, may_move, MoveTargetsPage.filter())
    taps.register(ask_about_move, may_move, ChosenTargetPage.filter())
    taps.register(move_user_subscription, may_move, MoveSubscription.filter())
    return router


async def choose_for_move(
    _: TelegramObject, context: BotContext, callback_data: UserMovePage
) -> None:
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    rows = await user_page.list_running_subscriptions(context.deps.db, user.id)
    if not rows:
        await context.show(screens.nothing_to_move_screen(context.t, user))
    elif len(rows) == 1:
        await _show_targets(context, user.id, rows[0].id)
    else:

        def page(id_: int) -> MoveTargetsPage:
            return MoveTargetsPage(user_id=user.id, subscription_id=id_)

        await context.show(choose_subscription_screen(context.t, user, rows, page))


async def show_targets(
    _: TelegramObject, context: BotContext, callback_data: MoveTargetsPage
) -> None:
    await _show_targets(context, callback_data.user_id, callback_data.subscription_id)


async def ask_about_move(
    _: TelegramObject, context: BotContext, callback_data: ChosenTargetPage, answer: TapAnswer
) -> None:
    user_id, id_ = callback_data.user_id, callback_data.subscription_id
    user = await user_page.require_user(context.deps.db, user_id)
    choice = await get_move_choice(context.deps.db, user_id, id_)
    target = choice.find_target(callback_data.panel_id)
    if target is None:
        await _show_changed(context, answer, user_id, id_)
        return
    await context.show(screens.confirm_move_screen(context.t, user, id_, choice.panel, target))


async def move_user_subscription(
    _: TelegramObject, context: BotContext, callback_data: MoveSubscription, answer: TapAnswer
) -> None:
    """What has changed since it was asked is shown as it is now."""
    user_id, id_ = callback_data.user_id, callback_data.subscription_id
    choice = await get_move_choice(context.deps.db, user_id, id_)
    target = choice.find_target(callback_data.panel_id)
    if target is not None and await _begin_move(context, id_, target.name):
        await _show_targets(context, user_id, id_)
    else:
        await _show_changed(context, answer, user_id, id_)


async def _begin_move(context: BotContext, subscription_id: int, to: str) -> bool:
    actor = f"user:{context.user.id}"
    try:
        await panel_moves.move_subscription(
            context.deps.db, actor, subscription_id, to, within_plan=True
        )
    except ChangeRefusedError:
        return False
    return True


async def _show_changed(
    context: BotContext, answer: TapAnswer, user_id: int, subscription_id: int
) -> None:
    answer.toast(context.t.plain("user-move-changed"))
    await _show_targets(context, user_id, subscription_id)


async def _show_targets(context: BotContext, user_id: int, subscription_id: int) -> None:
    user = await user_page.require_user(context.deps.db, user_id)
    choice = await get_move_choice(context.deps.db, user_id, subscription_id)
    await context.show(screens.move_targets_screen(context.t, user, subscription_id, choice))
