"""How operators edit the shop in the chat, each part a handler of its own."""

from aiogram import Router

from app.bot.handlers.editing import (
    extras,
    faq,
    new_plans,
    pages,
    panels,
    plans,
    promo_codes,
    shop_settings,
)
from app.bot.handlers.editing.refusals import RefusalMiddleware


def create_editing_router() -> Router:
    router = Router(name="editing")
    for observer in (router.message, router.callback_query):
        observer.outer_middleware(RefusalMiddleware())
    router.include_routers(
        shop_settings.create_router(),
        plans.create_router(),
        new_plans.create_router(),
        extras.create_router(),
        promo_codes.create_router(),
        pages.create_router(),
        faq.create_router(),
        panels.create_router(),
    )
    return router
