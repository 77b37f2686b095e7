"""On-chain payments in the chat: buyers' and operators' pages."""

from aiogram import Router

from app.bot.handlers.onchain import addresses, paying, transfers


def create_onchain_router() -> Router:
    router = Router(name="onchain")
    router.include_routers(
        addresses.create_router(), paying.create_router(), transfers.create_router()
    )
    return router
