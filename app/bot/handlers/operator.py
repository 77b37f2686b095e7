"""The operator's buttons; for everybody else they do not exist."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import RetryActivation
from app.bot.filters import FromOperator
from app.bot.visit import TapAnswer, Visit
from app.services.access import activation


def create_router(operators: tuple[int, ...]) -> Router:
    router = Router(name="operator")
    router.callback_query.register(retry, FromOperator(operators), RetryActivation.filter())
    return router


async def retry(
    _: TelegramObject, visit: Visit, callback_data: RetryActivation, answer: TapAnswer
) -> None:
    await activation.retry_activation(visit.deps.db, callback_data.subscription_id, visit.user.id)
    answer.toast(visit.t.plain("operator-retried"))
