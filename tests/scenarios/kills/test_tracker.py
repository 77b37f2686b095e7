"""The process is killed between any two steps of a watched transaction's way, and started again."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from tests.scenarios.kills.conftest import Variables
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.shop import ChatUser, Message, get_chain_variables, text_of

TOLD = ["watch-final", "watch-mined", "watch-mined", "watch-reorged"]
FINAL_DEPTH = 14  # of the world's Ethereum: at most so many blocks behind the head


@dataclass(frozen=True)
class Point:
    """`while_` is tracking, mining, reorging or ending.

    Telegram cannot be asked what it took. A notification in doubt is not sent again, for the card
    says the same. A command in doubt is answered again, below what was answered before: there may
    be the card of the dead process, one that the cards' worker drew meanwhile, and the one that
    counts.
    """

    while_: str
    where: Where
    most_cards: int = 1


def told(template: str) -> tuple[str, str]:
    return "INSERT ON outbox", f"NEW.template = '{template}'"


WATCH_STORED = ("INSERT ON watches", "TRUE")
MESSAGE_STORED = (
    "UPDATE ON watches",
    "NEW.card_message_id IS NOT NULL AND OLD.card_message_id IS NULL",
)
HEAD_STORED = ("UPDATE ON chain_states", "NEW.head_hash IS DISTINCT FROM OLD.head_hash")
RING_STORED = ("INSERT ON chain_blocks", "TRUE")
CARD_CLAIMED = (
    "UPDATE ON watches",
    "NEW.card_lease_until IS NOT NULL AND OLD.card_lease_until IS NULL",
)
CARD_NOTED = (
    "UPDATE ON watches",
    "NEW.card_lease_until IS NULL AND OLD.card_lease_until IS NOT NULL",
)
RECEIPT = b"effectiveGasPrice"

POINTS = {
    # From the hash in the chat to its card.
    "the watch is not stored": Point("tracking", before(*WATCH_STORED)),
    "the watch's commit was sent": Point("tracking", at_commit(*WATCH_STORED), most_cards=3),
    "the first card is not sent": Point("tracking", asked("/sendMessage"), most_cards=3),
    "the first card is sent": Point("tracking", answered("/sendMessage"), most_cards=3),
    "its message is not remembered": Point("tracking", before(*MESSAGE_STORED), most_cards=3),
    "its message is remembered": Point("tracking", at_commit(*MESSAGE_STORED), most_cards=3),
    # From the block to its notification and its card.
    "the node is not asked": Point("mining", asked("/chains/eth/1")),
    "the receipt is not heard of": Point("mining", answered("/chains/eth/1", containing=RECEIPT)),
    "the head is not stored": Point("mining", before(*HEAD_STORED)),
    "the milestone is not stored": Point("mining", before(*told("watch-mined"))),
    "the pass's commit was sent": Point("mining", at_commit(*told("watch-mined"))),
    "the letter is not claimed": Point("mining", before(*claimed("watch-mined"))),
    "the letter is claimed": Point("mining", at_commit(*claimed("watch-mined"))),
    "the letter is not sent": Point("mining", asked("/sendMessage")),
    "the letter is sent": Point("mining", answered("/sendMessage")),
    "the letter is not marked": Point("mining", before(*marked("watch-mined"))),
    "the letter is marked": Point("mining", at_commit(*marked("watch-mined"))),
    "the card is not claimed": Point("mining", before(*CARD_CLAIMED)),
    "the card is claimed": Point("mining", at_commit(*CARD_CLAIMED)),
    "the card is not drawn": Point("mining", asked("/editMessageText")),
    "the card is drawn": Point("mining", answered("/editMessageText")),
    "the drawing is not noted": Point("mining", before(*CARD_NOTED)),
    # From another branch to its notification.
    "the witness is not asked": Point("reorging", asked("/chains/eth/2")),
    "the witness is not heard of": Point("reorging", answered("/chains/eth/2")),
    "the other branch is not stored": Point("reorging", before(*RING_STORED)),
    "the loss is not stored": Point("reorging", before(*told("watch-reorged"))),
    "the loss's commit was sent": Point("reorging", at_commit(*told("watch-reorged"))),
    # From the last block to the end.
    "the end is not stored": Point("ending", before(*told("watch-final"))),
    "the end's commit was sent": Point("ending", at_commit(*told("watch-final"))),
    "the last letter is sent": Point("ending", answered("/sendMessage")),
    "the last card is not drawn": Point("ending", asked("/editMessageText")),
    "the last card is drawn": Point("ending", answered("/editMessageText")),
}


@pytest.fixture(scope="module")
def variables() -> Variables:
    only = dict.fromkeys(("BSC_RPC_URLS", "TRON_RPC_URLS", "CELLFRAME_RPC_URLS"), "off")
    return lambda sut: {**get_chain_variables(sut.wire.url), **only}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_a_watched_transaction_survives_a_kill(
    site: Site, buyer: ChatUser, point: Point
) -> None:
    """P3, P4, P6, P11: each milestone is sent once and never twice, and the card ends right."""
    way = Way(site, buyer)
    for step in (way.tracking, way.mining, way.reorging, way.ending):
        if step.__name__ != point.while_:
            await step()
            await way.expect()
            continue
        async with point.where(site) as stop:
            await step()
            await stop.wait_reached()
            await site.instance.kill()
        await site.start_again()
        await way.expect()

    await way.wait_quiet()
    received = await buyer.received()
    notifications = [kind for message in received if (kind := _kind(message)) is not None]
    doubtful = await way.notified("doubtful")
    assert len(doubtful) <= 1
    assert await way.notified("sent", "doubtful") == TOLD
    missing = Counter(TOLD) - Counter(notifications)
    assert not Counter(notifications) - Counter(TOLD)
    assert missing <= Counter(doubtful)
    cards = [message for message in received if _is_card(message)]
    assert 1 <= len(cards) <= point.most_cards
    assert "✅ Final" in text_of(cards[-1])


class Way:
    """Of one transaction of the buyer's: each step is the world's, `expect` waits for ours."""

    def __init__(self, site: Site, buyer: ChatUser) -> None:
        self._site = site
        self._buyer = buyer
        self._expected: list[str] = []
        self._title = ""

    async def tracking(self) -> None:
        sent = await self._turn("send", person_id=self._buyer.id)
        await self._buyer.send(f"/track {sent['hash']}")
        self._title = "In the queue"

    async def mining(self) -> None:
        await self._turn("mine")
        self._expected.append("watch-mined")
        self._title = "In a block"

    async def reorging(self) -> None:
        """Back in the pool, while the head stays as high as it was."""
        await self._turn("reorg", depth=1, kind="pool")
        self._expected.append("watch-reorged")
        self._title = "Waiting for a new block"

    async def ending(self) -> None:
        await self._turn("mine")
        self._expected.append("watch-mined")
        await self._wait_told()
        await self._turn("mine", blocks=FINAL_DEPTH)
        self._expected.append("watch-final")
        self._title = "Final"

    async def expect(self) -> None:
        """Until notifications and card say what is true now."""
        await self._wait_told()
        await self._buyer.wait_for(_is_card)

        async def is_drawn() -> bool:
            cards = [one for one in await self._buyer.received() if _is_card(one)]
            return self._title in text_of(cards[-1])

        await eventually(is_drawn)
        await self._site.sut.wait_taken()
        await eventually(self._is_card_noted)

    async def notified(self, *statuses: str) -> list[str]:
        query = "SELECT template FROM outbox WHERE chat_id = $1 AND status = ANY($2) ORDER BY 1"
        return list(await self._site.books.column(query, self._buyer.id, list(statuses)))

    async def wait_quiet(self) -> None:
        """Nothing waits to be said, on either side."""

        async def is_quiet() -> bool:
            waiting = "SELECT 1 FROM outbox WHERE chat_id = $1 AND status = 'waiting'"
            leased = "SELECT 1 FROM watches WHERE chat_id = $1 AND card_due_at IS NOT NULL"
            rows = [await self._site.books.rows(one, self._buyer.id) for one in (waiting, leased)]
            return not any(rows)

        await self._site.sut.wait_taken()
        await eventually(is_quiet)

    async def _is_card_noted(self) -> bool:
        query = (
            "SELECT card_message_id FROM watches WHERE chat_id = $1 AND card_lease_until IS NULL"
        )
        return any(await self._site.books.column(query, self._buyer.id))

    async def _wait_told(self) -> None:
        async def is_told() -> bool:
            return await self.notified("sent", "doubtful") == sorted(self._expected)

        await eventually(is_told)

    async def _turn(self, action: str, **values: object) -> dict[str, Any]:
        path = f"/world/chains/eth/{action}"
        answer = await self._site.sut.world.http.post(path, json=values)
        turned: dict[str, Any] = answer.raise_for_status().json()
        return turned


def _is_card(message: Message) -> bool:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return any("copy_text" in key for row in rows for key in row)


def _kind(message: Message) -> str | None:
    """Of a notification."""
    text = text_of(message)
    known = {
        "The transaction is in block": "watch-mined",
        "rearranged its latest blocks": "watch-reorged",
        "the transaction is final": "watch-final",
    }
    return next((kind for words, kind in known.items() if words in text), None)
