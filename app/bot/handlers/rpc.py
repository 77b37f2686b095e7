"""The operator's page of chains and endpoints; for everybody else it does not exist."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import RpcPage
from app.bot.context import BotContext
from app.bot.filters import FromOperator, command
from app.bot.screens.rpc import rpc_screen
from app.core import clock
from app.domain.operator_roles import Permission
from app.services.tracking.overview import list_chain_overviews


def create_router() -> Router:
    router = Router(name="rpc")
    from_operator = FromOperator(Permission.VIEW_CHAINS)
    router.message.register(open_rpc, from_operator, command("rpc"))
    router.callback_query.register(open_rpc, from_operator, RpcPage.filter())
    return router


async def open_rpc(_: TelegramObject, context: BotContext) -> None:
    overviews = await list_chain_overviews(context.deps.db, context.deps.chains)
    await context.show(rpc_screen(context.t, overviews, clock.now()))
