"""Users who buy whatever happens: one who gets no answer tries again, as users do."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.world.telegram.views import message_for_page
from tests.support.service_under_test import ServiceUnderTest
from tests.support.shop import ChatUser, Message, find, has, pay_stars, urls
from tests.torture.schedule import Buy

_PATIENCE_SECONDS = 4.0
_LINK = re.compile(r"#(invoice|stars)-")


@dataclass
class Buyer:
    sut: ServiceUnderTest
    user: ChatUser
    paid: int = 0
    patience_seconds: float = _PATIENCE_SECONDS

    def chat(self) -> list[Message]:
        world = self.sut.world.server.world
        chat = world.state.chats[self.user.id]
        return [message_for_page(world, one) for one in chat.values() if one.from_bot]

    def last(self) -> Message | None:
        """What the bot said last; the whole chat is too much for each look."""
        world = self.sut.world.server.world
        chat = world.state.chats[self.user.id]
        newest = next((one for one in reversed(chat.values()) if one.from_bot), None)
        return message_for_page(world, newest) if newest else None

    async def buy(self, buy: Buy) -> None:
        """Until it is paid: who is interrupted anywhere begins anew, and more patiently."""
        while True:
            try:
                link = await self._order(buy)
                await asyncio.sleep(buy.pause_seconds)
                if await self._pay(link, buy):
                    self.paid += 1
                    return
            except TimeoutError:
                self.patience_seconds *= 1.5

    async def _order(self, buy: Buy) -> str:
        await self.user.send("/plans")
        plans = await self._newest("plan:")
        await self.user.tap(plans, find(plans, "plan:")[0])
        terms = await self._newest("buy:")
        await self.user.tap(terms, find(terms, "buy:")[0])
        order = await self._newest("pay:")
        method = "stars" if buy.with_stars else "cryptobot"
        await self.user.tap(order, next(key for key in find(order, "pay:") if method in key))
        message = await self._wait(lambda one: any(_LINK.search(url) for url in urls(one)))
        return next(url for url in urls(message) if _LINK.search(url))

    async def _pay(self, link: str, buy: Buy) -> bool:
        if buy.with_stars:
            return bool((await pay_stars(self.user, link))["status"] == "paid")
        hash_ = link.rpartition("#invoice-")[2]
        invoices = self.sut.world.server.world.state.invoices.values()
        (invoice,) = [one for one in invoices if one.hash == hash_]
        if invoice.status != "active":
            return False
        await self.sut.world.pay(invoice.invoice_id)
        return True

    async def _newest(self, prefix: str) -> Message:
        return await self._wait(lambda message: has(message, prefix))

    async def _wait(self, matches: Callable[[Message], bool]) -> Message:
        """The newest message, when it is what is waited for.

        Patience begins when the bot has taken what was sent: who asks again before that has
        the bot answer twice, and on a loaded machine everybody asks until nobody is served.
        """
        until = time.monotonic() + self.patience_seconds
        while (last := self.last()) is None or not matches(last):
            if self._has_sent():
                until = time.monotonic() + self.patience_seconds
            elif time.monotonic() > until:
                raise TimeoutError
            await asyncio.sleep(0.1)
        return last

    def _has_sent(self) -> bool:
        pending = self.sut.world.server.world.state.pending_updates.values()
        return any(update.person_id == self.user.id for update in pending)
