"""A model chain that the product follows, and what is watched on it."""

from datetime import timedelta

from app.core import clock
from app.db.models import Transaction, Watch
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from tests.support.model_chain import ModelChain, ModelTx, a_hash
from tests.support.stall import ANNA, Stall

SHOP = ShopSettings()
KEY = "m"


async def watch_transactions(
    stall: Stall, chain: ModelChain, count: int = 1, *, fails: bool = False
) -> ModelTx:
    """So many, all in the pool, and their turn to be asked about far; the first of them."""
    txs = [ModelTx(a_hash("tx", n, fails), f"0x{n:040x}", 0, fails) for n in range(count)]
    now = clock.now()
    async with stall.db.unit_of_work() as session:
        for tx in txs:
            chain.send(tx)
            session.add(
                Transaction(
                    chain=KEY,
                    tx_hash=tx.hash,
                    state=TxState.PENDING,
                    sender=tx.sender,
                    nonce=0,
                    first_seen_at=now,
                    changed_at=now,
                    check_at=now + timedelta(hours=1),
                )
            )
            session.add(
                Watch(
                    user_id=ANNA,
                    chat_id=ANNA,
                    chain=KEY,
                    tx_hash=tx.hash,
                    mode=WatchMode.EVERY,
                    created_at=now,
                )
            )
    return txs[0]


async def list_notified_milestones(stall: Stall) -> list[str]:
    """The milestones, in order."""
    return [
        notification.template.removeprefix("watch-")
        for notification in await stall.notifications(ANNA)
    ]
