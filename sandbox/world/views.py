"""The whole world as the page reads it when it opens."""

from pydantic import JsonValue

from sandbox.world.clock import iso
from sandbox.world.json_types import JsonObject
from sandbox.world.panel.kinds import PANEL_SITES
from sandbox.world.state import WorldState
from sandbox.world.telegram import star_ledger
from sandbox.world.telegram.views import bot_for_page, message_for_page
from sandbox.world.world import World


def state_for_page(world: World) -> JsonObject:
    state = world.state
    chats: JsonObject = {
        str(person_id): {"messages": [message_for_page(world, one) for one in chat.values()]}
        for person_id, chat in state.chats.items()
    }
    people: list[JsonValue] = [person.model_dump() for person in state.people.values()]
    invoices: list[JsonValue] = [invoice.for_page() for invoice in state.invoices.values()]
    deliveries: list[JsonValue] = [one.model_dump(mode="json") for one in world.deliveries.last]
    panel_users: list[JsonValue] = [one.for_page() for one in state.list_panel_accounts()]
    return {
        "now": iso(world.clock.now()),
        "offset_seconds": world.clock.offset_seconds,
        "bot": bot_for_page(world),
        "people": people,
        "chats": chats,
        "invoices": invoices,
        "panels": _list_panels(state),
        "panel_users": panel_users,
        "star_transactions": [one.model_dump() for one in state.star_transactions],
        "star_balance": star_ledger.balance(world),
        "channels": [one.model_dump(mode="json") for one in state.channels.values()],
        "groups": [one.model_dump() for one in state.groups.values()],
        "chains": {key: chain.view() for key, chain in world.chains.items()},
        "knobs": state.knobs.model_dump(),
        "deliveries": deliveries,
        "service": world.service,
        "limit_429s": state.counters.limit_429s,
        "panel_accounts_created": state.counters.panel_accounts_created,
        "payment_webhook_enabled": state.payment_webhook_enabled,
        "pending_updates": world.updates.pending_count(),
    }


def _list_panels(state: WorldState) -> list[JsonValue]:
    """Those that serve the shop, each with its knob."""
    knobs = {"panel": state.panel, "second_panel": state.second_panel}
    return [
        {"knob": knob, "kind": kind, "faults": [*PANEL_SITES[kind].faults]}
        for knob, kind in knobs.items()
        if kind is not None
    ]
