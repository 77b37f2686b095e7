"""What goes away and comes back is one message to the operators."""

from pathlib import Path

import pytest

from app.bootstrap.incident_sources import check_memory
from app.domain.ports import UnavailableError
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.instance import ended_after
from tests.support.service_under_test import open_service_under_test
from tests.support.shop import BEN, OLGA, ChatUser, Message, is_key, open_shop, order, text_of
from tests.support.zygote import Zygote

MESSAGE_IDS = "SELECT message_id FROM outbox WHERE template = 'operator-incident'"
OFTEN = {"INCIDENTS_INTERVAL_SECONDS": "0.3"}


def is_about_panel(message: Message) -> bool:
    return "VPN-панель" in text_of(message)


def is_over(message: Message) -> bool:
    return "VPN-панель снова работает" in text_of(message)


async def list_about_panel(operator: ChatUser) -> list[str]:
    return [text_of(message) for message in await operator.received() if is_about_panel(message)]


async def test_one_message_opens_and_the_same_one_closes(database_url: str, redis_url: str) -> None:
    """P2, P4: with how many orders waited, which are all delivered as soon as it is back."""
    async with open_shop(database_url, redis_url, **OFTEN) as shop:
        operator, buyer = shop.world.user(OLGA), shop.world.user(BEN)
        await operator.send("/start")
        invoice_id = await order(buyer, shop.world)
        await shop.world.turn(panel="down")
        await shop.world.pay(invoice_id)
        opened = await operator.wait_for(is_about_panel)
        assert "недоступна" in text_of(opened)

        await shop.world.turn(panel="ok")
        await buyer.wait_for(is_key)
        closed = await operator.wait_for(is_over)
        assert closed["message_id"] == opened["message_id"]
        assert "Перерыв: меньше минуты." in text_of(closed)
        assert "Заказов ждало: 1, все выданы." in text_of(closed)
        assert len(await list_about_panel(operator)) == 1


async def test_it_is_noticed_though_nobody_buys_and_a_kill_makes_no_second_message(
    database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P4, P13."""
    async with open_service_under_test(database_url, redis_url, tmp_path) as sut:
        instance = sut.instance("service", zygote.fork, **OFTEN)
        sut.router.target = instance.url
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            operator = sut.world.user(OLGA)
            await operator.send("/start")
            await sut.world.turn(panel="down")
            opened = await operator.wait_for(is_about_panel)
            books = Books(database_url)

            async def is_recorded() -> bool:
                return opened["message_id"] in await books.column(MESSAGE_IDS)

            await eventually(is_recorded)
            await instance.kill()
            instance.start()
            await instance.wait_role("active")
            first = len(instance.logged("ITERATION_END"))

            async def has_worked() -> bool:
                return len(instance.logged("ITERATION_END")) > first

            await eventually(has_worked)
            await sut.world.turn(panel="ok")
            closed = await operator.wait_for(is_over)
            assert closed["message_id"] == opened["message_id"]
            assert len(await list_about_panel(operator)) == 1


async def test_memory_above_its_limit_fails_its_check() -> None:
    await check_memory(2**20)
    with pytest.raises(UnavailableError, match=r"^\d+ MB of 1 MB$"):
        await check_memory(1)
