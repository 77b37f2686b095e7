"""The operator's buttons; for everybody else they do not exist."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import RetryActivation
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import FromOperator
from app.domain.operator_roles import Permission
from app.services.access import activation


def create_router() -> Router:
    router = Router(name="operator")
    may_retry = FromOperator(Permission.RETRY_ACTIVATIONS)
    router.callback_query.register(retry_stuck_activation, may_retry, RetryActivation.filter())
    return router


async def retry_stuck_activation(
    _: TelegramObject, context: BotContext, callback_data: RetryActivation, answer: TapAnswer
) -> None:
    await activation.retry_activation(
        context.deps.db, callback_data.subscription_id, context.user.id
    )
    answer.toast(context.t.plain("operator-retried"))
