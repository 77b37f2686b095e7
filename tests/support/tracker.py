"""The services behind the tracker's chat over a real database, with chains in memory."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.db.models import ChainState, Transaction, Watch
from app.domain.chain_ports import NodeTx
from app.domain.shop_settings import ShopSettings
from app.services.tracking.cards import cards, drawing, watches
from app.services.tracking.cards.cards import Card
from app.services.tracking.cards.endings import end_awaited_watches
from app.services.tracking.cards.watches import AddedWatch, WatchRequest
from tests.support.fake_chains import FakeChains, FakeEvmChain, tx_hash
from tests.support.fakes import PlainRenderer, RecordingSender
from tests.support.stall import ANNA, Stall


class WatchRequestOptions(TypedDict, total=False):
    chat_id: int
    label: str
    about: Mapping[str, str]


class Tracker:
    def __init__(self, stall: Stall) -> None:
        self.stall = stall
        self.db = stall.db
        self.chains = FakeChains()
        self.shop = ShopSettings()
        self.sender = RecordingSender()

    @property
    def eth(self) -> FakeEvmChain:
        return self.chains.eth

    async def add(
        self,
        chain: str | None = "eth",
        node_tx: NodeTx | None = None,
        user_id: int = ANNA,
        number: int = 1,
        **options: Unpack[WatchRequestOptions],
    ) -> AddedWatch:
        options.setdefault("chat_id", user_id)
        asked = WatchRequest(user_id=user_id, tx_hash=tx_hash(number), chain=chain, **options)
        return await watches.add_watch(self.db, self.chains.registry, asked, node_tx, self.shop)

    async def add_shown(
        self,
        node_tx: NodeTx | None = None,
        number: int = 1,
        user_id: int = ANNA,
        **options: Unpack[WatchRequestOptions],
    ) -> int:
        """With its card in the chat, as message 500 and so on; the watch's id."""
        added = await self.add(node_tx=node_tx, user_id=user_id, number=number, **options)
        await watches.record_card(self.db, added.watch_id, 500 + added.watch_id)
        return added.watch_id

    async def stop(self, watch_id: int, user_id: int = ANNA) -> bool:
        return await watches.stop_watch(self.db, user_id, watch_id)

    async def card(self, watch_id: int) -> Card:
        card = await cards.get_card(self.db, self.chains.registry, watch_id, self.shop)
        assert card is not None
        return card

    async def watch(self, watch_id: int) -> Watch:
        (row,) = await self.stall.rows(Watch, Watch.id == watch_id)
        return row

    async def row(self, chain: str = "eth", number: int = 1) -> Transaction:
        (row,) = await self.stall.rows(
            Transaction, Transaction.chain == chain, Transaction.tx_hash == tx_hash(number)
        )
        return row

    async def stand(self, chain: FakeEvmChain | None = None, **values: object) -> None:
        """As the chain's loop would write where it stands."""
        chain = chain or self.eth
        known = {
            "head_number": chain.head,
            "safe_number": chain.safe,
            "final_number": chain.final,
            **values,
        }
        row = insert(ChainState).values(chain=chain.spec.key, **known)
        async with self.db.unit_of_work() as session:
            await session.execute(
                row.on_conflict_do_update(index_elements=[ChainState.chain], set_=known)
            )

    async def change(self, watch_id: int, **values: object) -> None:
        async with self.db.unit_of_work() as session:
            await session.execute(update(Watch).where(Watch.id == watch_id).values(**values))

    async def make_due(self, watch_id: int, due_at: datetime | None = None) -> None:
        """As its loop does when the transaction's state changes."""
        await self.change(watch_id, card_due_at=due_at or clock.now())

    async def draw(self) -> dict[str, int]:
        return await drawing.draw_due_cards(
            self.db, self.chains.registry, self.sender, PlainRenderer(), self.shop
        )

    async def end_awaited(self) -> int:
        async with self.db.unit_of_work() as session:
            return await end_awaited_watches(session)
