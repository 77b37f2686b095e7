"""`/admin`: where operators begin."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import RpcPage
from app.bot.context import BotContext
from app.bot.filters import FromOperator, command
from app.bot.onchain_callbacks import OnchainPage
from app.bot.operator_callbacks import HomePage
from app.bot.screens.shop_home import shop_home_screen
from app.domain.operator_roles import Permission
from app.services.operations.shop_home import load_shop_home


def create_router() -> Router:
    router = Router(name="shop_home")
    may_open = FromOperator(Permission.OPEN_HOME)
    router.message.register(open_home, may_open, command("admin"))
    router.callback_query.register(open_home, may_open, HomePage.filter())
    return router


async def open_home(_: TelegramObject, context: BotContext) -> None:
    if (role := context.role) is None:
        return
    deps = context.deps
    home = await load_shop_home(deps.db, context.shop.time_zone, role)
    switches = {RpcPage: deps.chains.all, OnchainPage: deps.addresses}
    hidden = {page for page, part in switches.items() if not part}
    screen = shop_home_screen(
        context.t,
        home,
        deps.status,
        role,
        hidden=hidden,
        is_under_maintenance=context.shop.maintenance,
        has_web=deps.admin_web_origin is not None,
    )
    await context.show(screen)
