"""The process is killed while an operator looks or edits, and started again.

Telegram brings an update that was not acknowledged once more, so each of these is answered.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil
import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, at_commit, before
from tests.support.shop import OLGA, ChatUser, Message, has, text_of


@dataclass
class Drawing:
    """The process that draws a picture."""

    site: Site
    processes: list[psutil.Process] = field(default_factory=list)

    async def wait_reached(self) -> None:
        self.processes = await eventually(self._list)

    async def _list(self) -> list[psutil.Process]:
        return self.site.instance.list_children()

    async def wait_ended(self) -> None:
        async def is_over() -> bool:
            return not any(process.is_running() for process in self.processes)

        await eventually(is_over)


@asynccontextmanager
async def drawing(site: Site) -> AsyncIterator[Drawing]:
    """While it runs; none of it is left behind."""
    stop = Drawing(site)
    yield stop
    await stop.wait_ended()


CHART: dict[str, Where] = {
    "the picture is being drawn": drawing,
    "Telegram's answer is not heard": answered("/editMessageMedia"),
}
LOOK = ("INSERT ON audit", "NEW.action = 'person_viewed'")
SEARCH: dict[str, Where] = {
    "the look is being written down": before(*LOOK),
    "the answer is not heard": answered("/sendMessage"),
}


async def open_shop(olga: ChatUser) -> Message:
    """A message of the bot that buttons can be pressed below."""
    newest = max((message["message_id"] for message in await olga.messages()), default=0)
    await olga.send("/admin")
    return await olga.wait_for(
        lambda message: message["message_id"] > newest and has(message, "chart")
    )


async def turn_page(olga: ChatUser, page: Message, data: str) -> None:
    await olga.press(page, data)
    await olga.wait_for(
        lambda message: (
            message["message_id"] == page["message_id"] and text_of(message) != text_of(page)
        )
    )


async def list_since(olga: ChatUser, page: Message) -> list[Message]:
    """That page and what came after it."""
    received = await olga.received()
    return [message for message in received if message["message_id"] >= page["message_id"]]


@pytest.mark.parametrize("where", CHART.values(), ids=CHART)
async def test_a_chart_is_drawn_after_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P8, P13: one message with the picture, and no process that nobody waits for."""
    assert buyer.id
    olga = site.sut.world.user(OLGA)
    page = await open_shop(olga)
    async with where(site) as stop:
        await olga.tap(page, "chart")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    shown = await olga.wait_for(
        lambda message: message["message_id"] >= page["message_id"] and "photo" in message
    )
    assert has(shown, "chart:")
    assert await list_since(olga, page) == [shown]


@pytest.mark.parametrize("where", SEARCH.values(), ids=SEARCH)
async def test_a_search_is_answered_after_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P8, P13: the card comes, and the look at it is on record."""
    assert buyer.id
    olga = site.sut.world.user(OLGA)
    page = await open_shop(olga)
    await turn_page(olga, page, "finduser:0")
    async with where(site) as stop:
        await olga.send(str(OLGA))  # her own card
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await olga.wait_for(
        lambda message: message["message_id"] > page["message_id"] and has(message, "usercard")
    )
    looks = "SELECT 1 FROM audit WHERE action = 'person_viewed' AND subject = $1"
    assert await site.books.rows(looks, f"user:{OLGA}")


@dataclass(frozen=True)
class Edit:
    """What is pressed and typed, what applies it, and what then stands in the database."""

    page: str
    typed: str
    button: str
    value: str
    subject: str

    @property
    def written(self) -> tuple[str, str]:
        """In the transaction of the change, whatever table it is in."""
        return "INSERT ON audit", f"NEW.subject = '{self.subject}'"


SETTING = Edit(
    "setting:0:referral_percent",
    "{}",
    "setdo",
    "SELECT value::text FROM shop_settings WHERE name = 'referral_percent'",
    "setting:referral_percent",
)
PRICE = Edit(
    "efield:standard:price:1",
    "{}.50",
    "eplando",
    "SELECT (price_minor / 100)::text FROM terms WHERE id = 7",
    "plan:standard",
)
TEXT = Edit(
    "epage:welcome:en",
    "{}",
    "epagedo",
    "SELECT html FROM page_texts WHERE name = 'welcome'",
    "page:welcome",
)
EDITS = {
    "a setting is being written": (SETTING, before(*SETTING.written), "11"),
    "a setting's commit was sent": (SETTING, at_commit(*SETTING.written), "12"),
    "a setting's answer is not heard": (SETTING, answered("/editMessageText"), "13"),
    "a price is being written": (PRICE, before(*PRICE.written), "14"),
    "a price's commit was sent": (PRICE, at_commit(*PRICE.written), "15"),
    "a text's commit was sent": (TEXT, at_commit(*TEXT.written), "16"),
}


@pytest.mark.parametrize(("edit", "where", "value"), EDITS.values(), ids=EDITS)
async def test_an_edit_is_made_once_or_not(
    site: Site, buyer: ChatUser, edit: Edit, where: Where, value: str
) -> None:
    """P8, P13: never twice and never half; the tap that comes again says how it stands."""
    assert buyer.id
    olga = site.sut.world.user(OLGA)
    page = await open_shop(olga)
    await turn_page(olga, page, edit.page)
    await olga.send(edit.typed.format(value))
    preview = await olga.wait_for(
        lambda message: message["message_id"] > page["message_id"] and has(message, edit.button)
    )
    async with where(site) as stop:
        await olga.tap(preview, edit.button)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    async def is_taken() -> bool:
        """Telegram has nothing left to bring."""
        return not (await site.sut.world.state())["pending_updates"]

    await eventually(is_taken)
    changes = await site.books.rows(
        "SELECT details::text FROM audit WHERE subject = $1 AND details::text LIKE $2",
        edit.subject,
        f'%"{value}%',
    )
    is_made = await site.books.column(edit.value) == [value]
    assert len(changes) == is_made
