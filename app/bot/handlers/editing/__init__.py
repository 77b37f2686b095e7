"""How operators edit the shop in the chat, each part a handler of its own."""

from aiogram import Router

from app.bot.handlers.editing import shop_settings


def create_editing_router() -> Router:
    router = Router(name="editing")
    router.include_routers(shop_settings.create_router())
    return router
