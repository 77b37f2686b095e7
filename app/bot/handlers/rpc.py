"""The operator's page of chains and endpoints; for everybody else it does not exist."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import RpcPage
from app.bot.filters import FromOperator, command
from app.bot.screens.rpc import rpc_screen
from app.bot.visit import Visit
from app.core import clock
from app.services.tracking.overview import list_overviews


def create_router(operators: tuple[int, ...]) -> Router:
    router = Router(name="rpc")
    from_operator = FromOperator(operators)
    router.message.register(open_rpc, from_operator, command("rpc"))
    router.callback_query.register(open_rpc, from_operator, RpcPage.filter())
    return router


async def open_rpc(_: TelegramObject, visit: Visit) -> None:
    overviews = await list_overviews(visit.deps.db, visit.deps.chains)
    await visit.show(rpc_screen(visit.t, overviews, clock.now()))
