"""A tracker over real nodes: faulty proxies before them, the product's adapter and loop behind.

Real distances would take hours of blocks: a node of the tests calls a block `safe` after 4 blocks
and `finalized` after 8, and Ethereum's spec wants 2 confirmations in place of 12.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.rpc.timings import PoolTimings
from app.core import clock
from app.core.round_counts import Counts
from app.db.models import ChainState, Transaction
from app.db.unit_of_work import Database
from app.domain.chain_ports import EvmChain as EvmPort
from app.domain.chain_ports import PolledChain, TronChain
from app.domain.chains import ETHEREUM, ChainSpec
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.cards import cards, watches
from app.services.tracking.cards.cards import Card
from app.services.tracking.cards.probing import probe_chains
from app.services.tracking.cards.watches import WatchRequest
from app.services.tracking.chains import Chains
from app.workers.loop import Round
from app.workers.tx_monitor import create_chain_rounds
from tests.support.anvil import Anvil, mine_all, send_to_all
from tests.support.rpc_proxy import Behaviour, RpcProxy, passing
from tests.support.stall import ANNA, Stall

ETH = replace(ETHEREUM, count=2)
# Every pass reads every endpoint; pauses pass at once, rests when the test's clock moves.
TIMINGS = PoolTimings(
    probe_every=timedelta(0),
    pause=timedelta(milliseconds=1),
    longest_pause=timedelta(milliseconds=5),
    break_for=timedelta(seconds=5),
    monotonic=lambda: clock.now().timestamp(),
)
_MOST_ROUNDS = 100


@dataclass(frozen=True)
class Process:
    """What one running service has of the tracker: nothing of it outlives a restart."""

    rounds: Sequence[Round]

    async def run(self) -> Counts:
        """One pass of its only chain."""
        (run,) = self.rounds
        return await run()

    async def catch_up(self) -> list[Counts]:
        """As its worker does: round after round while there is more."""
        rounds = [await self.run()]
        while rounds[-1].get("more") and len(rounds) < _MOST_ROUNDS:
            rounds.append(await self.run())
        return rounds


def open_process(
    db: Database,
    evm: Sequence[EvmPort] = (),
    polled: Sequence[PolledChain] = (),
    tron: Sequence[TronChain] = (),
) -> Process:
    rounds = create_chain_rounds(db, Chains(evm, polled, tron), ShopSettingsCache(db))
    return Process([run for _, run in rounds])


class Desk:
    """What users do with their watches, by the services that the chat has."""

    def __init__(self, stall: Stall, chains: Chains) -> None:
        self.stall = stall
        self.chains = chains
        self.shop = ShopSettings()

    async def track(self, tx_hash: str, chain: str | None, user_id: int = ANNA) -> int:
        """The watch's id. It is looked for first, as the chat does."""
        found = (await probe_chains(self.chains, tx_hash)).found
        node_tx = found.get(chain) if chain else None
        request = WatchRequest(user_id, user_id, tx_hash, chain)
        added = await watches.add_watch(self.stall.db, self.chains, request, node_tx, self.shop)
        return added.watch_id

    async def card(self, watch_id: int) -> Card:
        card = await cards.get_card(self.stall.db, self.chains, watch_id, self.shop)
        assert card is not None
        return card

    async def notified(self, user_id: int = ANNA) -> list[str]:
        notifications = await self.stall.notifications(user_id)
        return [notification.template.removeprefix("watch-") for notification in notifications]


class Stage(Desk):
    """Nodes of one chain, each behind a proxy, and a tracker that knows the proxies."""

    def __init__(
        self,
        stall: Stall,
        nodes: Sequence[Anvil],
        proxies: Sequence[RpcProxy],
        stack: AsyncExitStack,
        spec: ChainSpec,
    ) -> None:
        self.nodes = nodes
        self.proxies = proxies
        self.spec = spec
        self._stack = stack
        self._nonces = count()
        self.chain = self.connect(TIMINGS)
        super().__init__(stall, Chains([self.chain]))
        self.process = self.start()

    def connect(self, timings: PoolTimings) -> RpcEvmChain:
        chain = RpcEvmChain(self.spec, [proxy.url for proxy in self.proxies], timings=timings)
        self._stack.push_async_callback(chain.aclose)
        return chain

    def start(self, timings: PoolTimings = TIMINGS) -> Process:
        """Another process, with endpoints that it has never asked; `followed` is its chain."""
        self.followed = self.connect(timings)
        return open_process(self.stall.db, [self.followed])

    def turn(self, behaviour: Behaviour = passing, *numbers: int) -> None:
        """What the proxies with these numbers do from now on; all of them without any."""
        for number, proxy in enumerate(self.proxies):
            if not numbers or number in numbers:
                proxy.behaviour = behaviour

    async def sign(self, nonce: int | None = None, **fields: Any) -> str:  # noqa: ANN401 - as JSON is
        """A raw transaction of the first account."""
        nonce = next(self._nonces) if nonce is None else nonce
        return await self.nodes[0].sign(nonce=nonce, **fields)

    async def send(self, raw: str | None = None) -> str:
        """To the pools of all nodes; its hash."""
        return await send_to_all(self.nodes, raw or await self.sign())

    async def mine(self, blocks: int = 1) -> int:
        """By all nodes."""
        return await mine_all(self.nodes, blocks)

    async def run(self) -> Counts:
        return await self.process.run()

    async def watch(self, tx_hash: str, user_id: int = ANNA) -> int:
        return await self.track(tx_hash, self.spec.key, user_id)

    async def watch_sent(self) -> tuple[str, int]:
        """One in the pools, and the id of its watch."""
        tx_hash = await self.send()
        return tx_hash, await self.watch(tx_hash)

    async def row(self, tx_hash: str) -> Transaction:
        (row,) = await self.stall.rows(
            Transaction, Transaction.chain == self.spec.key, Transaction.tx_hash == tx_hash
        )
        return row

    async def standing(self) -> ChainState:
        (state,) = await self.stall.rows(ChainState, ChainState.chain == self.spec.key)
        return state
