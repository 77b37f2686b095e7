"""The world itself: its state and what keeps it moving, handed to every protocol."""

import asyncio
import ssl

import httpx

from sandbox.world.chains.registry import make_chains
from sandbox.world.clock import WorldClock
from sandbox.world.config import WorldConfig
from sandbox.world.cryptopay.models import Invoice
from sandbox.world.cryptopay.webhooks import PaymentWebhooks
from sandbox.world.deliveries import DeliveryLog
from sandbox.world.events import EventHub
from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.state import WorldState, read_snapshot, readable
from sandbox.world.tasks import Tasks
from sandbox.world.telegram.delivery import UpdateDelivery
from sandbox.world.telegram.limits import SendLimits
from sandbox.world.telegram.models import BotProfile, Group

# Idle connections are left before the service's web server closes them (after 5 s) under us.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the service is at hand, without TLS
_CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=200, keepalive_expiry=2)
_PEOPLE = ((1001, "Anna", "ru"), (1002, "Ben", "en"), (1003, "Olga", "ru"))
_FIRST_GROUP_ID = -1002200000001


class World:
    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        self.state = _first_state(config)
        self.clock = WorldClock()
        self.chains = make_chains(self.clock, {}, mines=config.mines_blocks)
        self.hub = EventHub()
        self.tasks = Tasks()
        # The one client of everything that the world says to the service.
        self.http = httpx.AsyncClient(trust_env=False, limits=_CONNECTIONS, verify=_NO_CERTIFICATES)
        self.deliveries = DeliveryLog(self.state, self.clock, self.hub)
        self.updates = UpdateDelivery(
            config, self.state, self.clock, self.http, self.tasks, self.deliveries
        )
        self.payments = PaymentWebhooks(
            config, self.state, self.clock, self.http, self.tasks, self.deliveries
        )
        self.limits = SendLimits()
        self.next_set_webhook_at = 0.0
        self.checkouts: dict[str, asyncio.Future[str | None]] = {}
        self.open_invoices: dict[int, Invoice] = {}
        self.service: JsonObject | None = None

    def start(self) -> None:
        """Begin to deliver; called by the lifespan, in the loop that the world runs in."""
        self.updates.start()
        self.payments.start()

    def snapshot(self) -> bytes:
        self.state.offset_seconds = self.clock.offset_seconds
        chains = {key: chain.snapshot() for key, chain in self.chains.items()}
        return self.state.model_copy(update={"chains": chains}).model_dump_json().encode()

    def restore(self, snapshot: bytes) -> None:
        """Go on where the snapshot ended; undelivered events go out again.

        Raises SnapshotError and changes nothing when the bytes cannot be read.
        """
        state = read_snapshot(snapshot)
        with readable():
            chains = make_chains(self.clock, state.chains, mines=self.config.mines_blocks)
        self.state, self.chains = state, chains
        self.clock.offset_seconds = self.state.offset_seconds
        self.open_invoices = {
            id_: invoice
            for id_, invoice in self.state.invoices.items()
            if invoice.status == "active"
        }
        self.deliveries.reload(state)
        self.updates.reload(state)
        self.payments.reload(state)

    async def close(self) -> None:
        """End what the world does by itself; called by the lifespan."""
        self.hub.close()
        await self.tasks.close()
        await self.http.aclose()


def _first_state(config: WorldConfig) -> WorldState:
    people = {
        id_: Person(
            id=id_,
            first_name=name,
            username=name.lower(),
            language_code=language,
            is_admin=id_ in config.admin_ids,
        )
        for id_, name, language in _PEOPLE
    }
    group = Group(id=_FIRST_GROUP_ID, title="Tollgate traders", members=list(people))
    return WorldState(
        panel=config.panel,
        second_panel=config.second_panel,
        people=people,
        groups={group.id: group},
        chats={id_: {} for id_ in (*people, group.id)},
        bot=BotProfile(
            id=int(config.bot_token.partition(":")[0]),
            username="tollgate_sandbox_bot",
            first_name="Tollgate",
        ),
    )
