"""The tracker's chat: from a hash to its card, to the list of them, and to what is wrong."""

from aiogram import Router

from app.bot.handlers.tracking import (
    addresses,
    bridge,
    card,
    fees,
    mentions,
    status,
    track,
    watches,
)


def create_router() -> Router:
    router = Router(name="tracking")
    router.include_routers(
        track.create_router(),
        card.create_router(),
        watches.create_router(),
        status.create_router(),
        fees.create_router(),
    )
    return router


def create_private_routers() -> list[Router]:
    """For private chats only: the user's addresses."""
    return [addresses.create_router(), bridge.create_router()]


def create_mentions_router() -> Router:
    """After every dialogue: what a user answers with is no hash to track."""
    return mentions.create_router()


def create_unrecognized_router() -> Router:
    """After that: what looks like a hash."""
    return mentions.create_unrecognized_hash_router()
