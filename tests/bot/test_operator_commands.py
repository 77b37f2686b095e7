"""An operator's commands: in the menu of their own chat and in their help, and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiogram import Bot
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.bootstrap.command_lists import CommandLists
from app.bot.commands import COMMAND_NAMES, list_operator_commands
from app.clients.telegram.factory import create_bot
from app.clients.telegram.limiter import Limiter
from app.core.wakeups import Wakeups
from app.db.unit_of_work import Database
from app.domain.offer import Offer
from app.domain.operator_roles import OperatorRole
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.support.eventually import eventually
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.staff import appoint, dismiss

COMMANDS = {
    "": {
        "admin": "The shop today: begin here",
        "person": "A user: by @name, id or invoice",
        "questions": "Users who wait for an answer",
        "attention": "What you need to decide",
        "correct": "Correct a user’s balance",
        "refund": "Refund an order",
        "export": "Tables as CSV files",
        "broadcast": "A message to many users",
        "campaigns": "Links of your own, and what each brought",
        "rpc": "Chains and their endpoints",
        "audit": "Who did what",
        "staff": "Your team: who may do what",
    },
    "ru": {
        "admin": "Магазин сегодня: начните отсюда",
        "person": "Кто это: по @имени, id или счёту",
        "questions": "Кто ждёт ответа",
        "attention": "Что ждёт вашего решения",
        "correct": "Поправить баланс",
        "refund": "Вернуть деньги за заказ",
        "export": "Выгрузить таблицы в CSV",
        "broadcast": "Рассылка пользователям",
        "campaigns": "Ссылки кампаний и что они принесли",
        "rpc": "Сети и их узлы",
        "audit": "Кто что сделал",
        "staff": "Команда: кто что может",
    },
}
HELP = {
    "ru": (
        "🛠 Для вас: вы владелец\n"
        "/admin — Магазин сегодня: начните отсюда\n"
        "/person — Кто это: по @имени, id или счёту\n"
        "/questions — Кто ждёт ответа\n"
        "/attention — Что ждёт вашего решения\n"
        "/correct — Поправить баланс\n"
        "/refund — Вернуть деньги за заказ\n"
        "/export — Выгрузить таблицы в CSV\n"
        "/broadcast — Рассылка пользователям\n"
        "/campaigns — Ссылки кампаний и что они принесли\n"
        "/audit — Кто что сделал\n"
        "/staff — Команда: кто что может"
    ),
    "en": (
        "🛠 For you, as the owner\n"
        "/admin — The shop today: begin here\n"
        "/person — A user: by @name, id or invoice\n"
        "/questions — Users who wait for an answer\n"
        "/attention — What you need to decide\n"
        "/correct — Correct a user’s balance\n"
        "/refund — Refund an order\n"
        "/export — Tables as CSV files\n"
        "/broadcast — A message to many users\n"
        "/campaigns — Links of your own, and what each brought\n"
        "/audit — Who did what\n"
        "/staff — Your team: who may do what"
    ),
}


@pytest.fixture
async def telegram(world: WorldServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=world.url, trust_env=False, verify=NO_CERTIFICATES
    ) as client:
        yield client


@pytest.fixture
async def bot(world: WorldServer) -> AsyncIterator[Bot]:
    bot = create_bot("123456:AAbotTokenAAA", world.url, Limiter())
    yield bot
    await bot.session.close()


async def press_start(telegram: httpx.AsyncClient, user_id: int) -> None:
    answer = await telegram.post(f"/world/people/{user_id}/send", json={"text": "/start"})
    answer.raise_for_status()


async def listed(telegram: httpx.AsyncClient) -> dict[str, dict[str, dict[str, str]]]:
    """By chat and language: command → description."""
    bot: dict[str, Any] = (await telegram.get("/world/state")).json()["bot"]
    return {
        chat: {
            language: {one["command"]: one["description"] for one in commands}
            for language, commands in languages.items()
        }
        for chat, languages in bot["chat_commands"].items()
    }


def operators_own(lists: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {
        language: dict([*commands.items()][: len(COMMANDS["ru"])])
        for language, commands in lists.items()
    }


async def test_an_operators_chat_lists_their_commands_in_both_languages(
    closed_shop: BotUnderTest, bot: Bot, telegram: httpx.AsyncClient
) -> None:
    """One who has not pressed Start is a warning, and keeps the others from nothing."""
    await press_start(telegram, OLGA)
    lists = CommandLists(bot, closed_shop.deps.db, (BEN, OLGA), sells=True, tracks=True)
    with capture_logs() as logs:
        await lists.update()
        await lists.update()
    chats = await listed(telegram)
    assert chats.keys() == {str(OLGA)}
    assert operators_own(chats[str(OLGA)]) == COMMANDS
    assert list(chats[str(OLGA)]["ru"])[len(COMMANDS["ru"]) :] == list(COMMAND_NAMES)
    (refused,) = logs
    assert (refused["log_level"], refused["operator"]) == ("warning", BEN)
    assert "chat not found" in refused["error"]


async def test_commands_are_set_when_the_operator_presses_start(
    closed_shop: BotUnderTest, bot: Bot, telegram: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    wakeups = Wakeups()
    closed_shop.deps = replace(closed_shop.deps, db=Database(engine, wakeups.wake))
    lists = CommandLists(bot, closed_shop.deps.db, (OLGA,), sells=False, tracks=False)
    await lists.update()
    assert await listed(telegram) == {}
    keeping = asyncio.create_task(lists.keep_updated(wakeups))
    await press_start(telegram, OLGA)
    await closed_shop.olga.send("/start")

    async def is_listed() -> bool:
        return OLGA in map(int, await listed(telegram))

    await eventually(is_listed)
    keeping.cancel()
    chats = await listed(telegram)
    assert [*chats[str(OLGA)]["ru"]][:12] == [
        "admin",
        "person",
        "questions",
        "attention",
        "correct",
        "refund",
        "export",
        "broadcast",
        "campaigns",
        "audit",
        "staff",
        "menu",
    ]
    assert {"rpc", "trial", "track"} & chats[str(OLGA)]["ru"].keys() == set()


async def test_a_list_follows_the_role_and_is_deleted_with_it(
    closed_shop: BotUnderTest, bot: Bot, telegram: httpx.AsyncClient
) -> None:
    db = closed_shop.deps.db
    await press_start(telegram, BEN)
    lists = CommandLists(bot, db, (), sells=True, tracks=True)
    await appoint(db, BEN, OperatorRole.SUPPORT)
    await lists.update()
    assert [*(await listed(telegram))[str(BEN)]["ru"]][:5] == [
        "admin",
        "person",
        "questions",
        "attention",
        "rpc",
    ]
    await appoint(db, BEN, OperatorRole.MANAGER)
    await lists.update()
    chats = await listed(telegram)
    assert [*chats[str(BEN)]["ru"]][:4] == ["admin", "person", "questions", "attention"]
    await dismiss(db, BEN)
    await lists.update()
    assert await listed(telegram) == {}


async def test_nobody_elses_start_wakes_anything(
    closed_shop: BotUnderTest, engine: AsyncEngine
) -> None:
    woken: list[str] = []
    closed_shop.deps = replace(closed_shop.deps, db=Database(engine, woken.append))
    await closed_shop.anna.send("/start")
    assert woken == []
    await closed_shop.olga.send("/start")
    assert woken == ["commands"]


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_help_names_the_operators_commands_to_operators_only(
    closed_shop: BotUnderTest, language: str
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.send("/help")
    assert olga.text.endswith(HELP[language])
    stranger = closed_shop.phone(ANNA, "Anna", language)
    await stranger.send("/help")
    assert not any(f"/{name}" in stranger.text for name in COMMANDS["ru"])


@pytest.mark.parametrize(
    "command",
    [
        "admin",
        "person",
        "person @olga",
        "correct",
        "refund",
        "export",
        "broadcast",
        "campaigns",
        "rpc",
        "audit",
        "staff",
    ],
)
async def test_to_a_stranger_the_commands_are_unknown(
    closed_shop: BotUnderTest, command: str
) -> None:
    """P12: answered as any word that is no command."""
    ben = closed_shop.ben
    await ben.send("/nonsense")
    nonsense = ben.text
    await ben.send(f"/{command}")
    assert ben.text == nonsense


def test_the_operators_list_is_one_that_telegram_takes() -> None:
    for commands in list_operator_commands(
        OperatorRole.OWNER, Offer(trial=True, tracking=True)
    ).values():
        assert len(commands) == len(COMMAND_NAMES) + len(COMMANDS["ru"])
        assert all(1 <= len(text) <= 256 for text in commands.values())
